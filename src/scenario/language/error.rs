//! What is wrong with a line, in words.

use std::fmt;

use super::function::Argument;
use super::lexer::{LexProblem, Token, quote};
use super::parser::{Expected, Problem};
use crate::config::nearest;
use crate::scenario::span::{Span, Spanned};

/// What is wrong with a line, where, and what may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Which part of the line.
    pub span: Span,
}

impl LineError {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, span }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Suggests the nearest of `words`, or lists them where they are few.
    #[must_use]
    pub(super) fn suggest(mut self, typed: &str, words: &[String], there: &str) -> Self {
        const FEW: usize = 8;
        self.hint = match nearest(typed, words.iter().map(String::as_str)) {
            // Of names with numbers one is as near as the other.
            Some(near) if stem(near) == stem(typed) && stem(near) != near => {
                let alike: Vec<_> = words.iter().filter(|word| stem(word) == stem(near)).collect();
                Some(match alike.as_slice() {
                    [only] => format!("{there} only {only}"),
                    [first, second] => format!("{there} {first} and {second}"),
                    [first, .., last] => format!("{there} {first} to {last}"),
                    [] => unreachable!("the nearest is one of them"),
                })
            }
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if words.is_empty() || words.len() > FEW => None,
            None => Some(format!("{there} {}", words.join(", "))),
        };
        self
    }
}

/// A name without the number at its end.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for LineError {}

impl From<Spanned<Problem>> for LineError {
    fn from(problem: Spanned<Problem>) -> Self {
        let span = problem.span;
        match problem.value {
            Problem::TooDeep => Self::new(span, "nested too deeply"),
            Problem::TooLong => Self::new(span, "the line is too long"),
            Problem::Lex(LexProblem::UnknownSign(sign)) => {
                let error = Self::new(span, format!("`{sign}` means nothing here"));
                match sign {
                    '=' => error.hint("did you mean `==`?"),
                    '&' => error.hint("write several as {one, another}, and conditions with `and`"),
                    '!' => error.hint("did you mean `not` or `!=`?"),
                    _ => error,
                }
            }
            Problem::Lex(LexProblem::OpenQuote) => Self::new(span, "the quote is not closed"),
            Problem::Lex(LexProblem::UnknownEscape) => {
                Self::new(span, "unknown escape").hint(r#"there are \" \\ \n \t"#)
            }
            Problem::Unexpected { found, expected, first } => {
                unexpected(span, found.as_ref(), &expected, first)
            }
        }
    }
}

fn unexpected(span: Span, found: Option<&Token>, expected: &[Expected], first: bool) -> LineError {
    let words: Vec<String> = expected
        .iter()
        .filter_map(|expected| match expected {
            Expected::Word(word) if word.starts_with(char::is_alphabetic) => {
                Some((*word).to_owned())
            }
            _ => None,
        })
        .collect();
    let is_command = first && words.contains(&"kill".to_owned());
    match found {
        Some(Token::Word(word)) if is_command || first && word.starts_with("kafka-") => {
            let error = LineError::new(span, format!("unknown command `{word}`"));
            if matches!(&**word, "at" | "go" | "jump" | "time") {
                return error.hint("`goto 25s` moves to a moment, `step 2` to a step");
            }
            return error.suggest(word, &words, "there are");
        }
        None if is_command => {
            return LineError::new(span, "a command is expected, like `kill broker-1`");
        }
        _ => {}
    }
    let wanted = wanted(expected);
    let error = match found {
        None if first => LineError::new(span, format!("nothing here: {wanted} is expected")),
        None => LineError::new(span, format!("the line ends where {wanted} is expected")),
        Some(found) => LineError::new(span, format!("expected {wanted}, found {}", text(found))),
    };
    match found {
        Some(Token::Word(word)) => error.suggest(word, &words, "").few_only(),
        _ => error,
    }
}

impl LineError {
    /// Keeps a suggestion, drops a list that the message has already.
    fn few_only(mut self) -> Self {
        self.hint = self.hint.filter(|hint| hint.starts_with("did you"));
        self
    }
}

fn text(token: &Token) -> String {
    match token {
        Token::Word(word) => format!("`{word}`"),
        Token::Text(text) => quote(text),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}

/// What was expected: a topic, a partition or a word.
fn wanted(expected: &[Expected]) -> String {
    const MOST: usize = 8;
    let mut wanted: Vec<String> = Vec::new();
    // Signs that begin something are meant least of all.
    let begins = |expected: &&Expected| matches!(expected, Expected::Word("/" | "(" | "[" | "{"));
    let (signs, plain): (Vec<_>, Vec<_>) = expected.iter().partition(begins);
    for expected in if plain.is_empty() { signs } else { plain } {
        let text = match expected {
            Expected::Word(word) => format!("`{word}`"),
            Expected::Slot(slot) => slot.wanted(),
            Expected::Argument(Argument::Thing(kinds)) => kinds.name(),
            Expected::Argument(Argument::Error) => "the name of an error".to_owned(),
            Expected::Against(row) => format!("something to compare with `{}`", row.name),
            Expected::Operator => "a comparison like `==`".to_owned(),
            Expected::End => "the end".to_owned(),
        };
        if !wanted.contains(&text) {
            wanted.push(text);
        }
    }
    let more = wanted.len() > MOST;
    wanted.truncate(MOST);
    match wanted.split_last() {
        None => "something else".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) if more => format!("{}, {last} or something else", others.join(", ")),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}
