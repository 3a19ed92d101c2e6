//! What is wrong with a file, said so that it can be found and mended.

use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::language::LineError;
use super::span::Span;

/// A text and the name it goes by in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Usually a path.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It can run, but something is probably not meant so.
    Warning,
    /// It cannot run.
    Error,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub message: String,
    /// What may be meant, or what to do.
    pub hint: Option<String>,
    /// Where; nowhere if it is about the file as a whole.
    pub span: Option<Span>,
}

/// The most that are printed of one file.
const MOST: usize = 50;

impl Diagnostic {
    pub(super) fn error(span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), hint: None, span: Some(span) }
    }

    pub(super) fn warning(span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, message) }
    }

    pub(super) fn about_the_file(message: impl Into<String>) -> Self {
        Self { span: None, ..Self::error(0..0, message) }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// What is wrong with a line of the language that stands at `span` of the file.
    pub(super) fn of_line(error: LineError, span: Span) -> Self {
        Self::error(span, error.message).maybe_hint(error.hint)
    }

    /// `broker-down.toml:12:9: error: unknown topic; did you mean …`.
    pub fn one_line(&self, source: &Source) -> String {
        let mut line = source.name.clone();
        if let Some(span) = &self.span {
            let (row, column) = place(&source.text, span.start);
            write!(line, ":{row}:{column}").expect("strings take everything");
        }
        let level = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(line, ": {level}: {}", self.message).expect("strings take everything");
        if let Some(hint) = &self.hint {
            write!(line, "; {hint}").expect("strings take everything");
        }
        line
    }
}

/// Line and column of a byte, both from 1; columns count letters.
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let before = &text[..at];
    let row = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (row, column)
}

/// All of them with the lines they are about, for people to read.
pub fn render(source: &Source, diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MOST) {
        let group = group(source, diagnostic);
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    if diagnostics.len() > MOST {
        writeln!(text, "and {} more\n", diagnostics.len() - MOST).expect("strings take everything");
    }
    text
}

fn group<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str());
    let Some(span) = &diagnostic.span else {
        let origin = annotate_snippets::Origin::path(source.name.as_str());
        let group = Group::with_title(title).element(origin);
        return match &diagnostic.hint {
            Some(hint) => group.element(Level::HELP.message(hint.as_str())),
            None => group,
        };
    };
    // Only the lines that it is about: files may be long.
    let (text, first_line, span) = excerpt(&source.text, span);
    let annotation = AnnotationKind::Primary.span(span);
    let annotation = match &diagnostic.hint {
        Some(hint) => annotation.label(hint.as_str()),
        None => annotation,
    };
    Group::with_title(title).element(
        Snippet::source(text)
            .line_start(first_line)
            .path(source.name.as_str())
            .annotation(annotation),
    )
}

/// The lines around a span, the number of the first, and the span within them.
fn excerpt<'a>(text: &'a str, span: &Span) -> (&'a str, usize, Span) {
    let floor = |at: usize| {
        (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    let (start, end) = (floor(span.start), floor(span.end.max(span.start)));
    let from = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    // What goes over several lines is shown by its first.
    let to = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
    let line = text[..from].matches('\n').count() + 1;
    (&text[from..to], line, start - from..end.min(to) - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source {
            name: "broker-down.toml".to_owned(),
            text: "format = 1\ntitle = \"宕机\"\n[producers.web]\ntopic = \"kp\"\n".to_owned(),
        }
    }

    #[test]
    fn a_mistake_is_shown_in_its_line() {
        let at = source().text.find("\"kp\"").expect("it is there");
        let wrong = [
            Diagnostic::error(at..at + 4, "unknown topic `kp`").hint("did you mean `kq`?"),
            Diagnostic::warning(19..27, "no English title"),
            Diagnostic::about_the_file("`duration` is missing").hint("write `duration = \"60s\"`"),
        ];
        insta::assert_snapshot!(render(&source(), &wrong, false), @r#"
        error: unknown topic `kp`
         --> broker-down.toml:4:9
          |
        4 | topic = "kp"
          |         ^^^^ did you mean `kq`?

        warning: no English title
         --> broker-down.toml:2:9
          |
        2 | title = "宕机"
          |         ^^^^^^

        error: `duration` is missing
        --> broker-down.toml
         = help: write `duration = "60s"`
        "#);
        let lines: Vec<_> = wrong.iter().map(|one| one.one_line(&source())).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        broker-down.toml:4:9: error: unknown topic `kp`; did you mean `kq`?
        broker-down.toml:2:9: warning: no English title
        broker-down.toml: error: `duration` is missing; write `duration = "60s"`
        "#);
        assert!(render(&source(), &wrong, true).contains("\u{1b}["), "colour is ANSI");
    }

    #[test]
    fn places_count_letters_from_one() {
        assert_eq!(place("ab\n宕机x", 0), (1, 1));
        assert_eq!(place("ab\n宕机x", 3), (2, 1));
        assert_eq!(place("ab\n宕机x", 9), (2, 3));
        assert_eq!(place("ab\n宕机x", 4), (2, 1), "inside a letter is that letter");
        assert_eq!(place("", 7), (1, 1));
    }
}
