//! What was done live, as a scenario that does it again.
//!
//! The file stays as it is, comments included; what was done is appended as steps, with moments to
//! the nanosecond, so that the replay has the same trace.

use std::fmt::Write;

use super::language::instant_text;
use super::read::{Node, parse};
use super::span::Spanned;
use crate::ids::Name;
use crate::sim::Instant;

/// A command that was given live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// When it was carried out.
    pub at: Instant,
    /// The command.
    pub line: Name,
}

/// The file's text with what was done live.
pub fn save(text: &str, recorded: &[Recorded]) -> String {
    let mut saved = with_steps_at_the_end(text);
    if recorded.is_empty() {
        return saved;
    }
    if !saved.is_empty() && !saved.ends_with('\n') {
        saved.push('\n');
    }
    saved.push_str("\n# Done live.\n");
    for (index, one) in recorded.iter().enumerate() {
        if index > 0 {
            saved.push('\n');
        }
        write!(saved, "[[steps]]\nat = \"{}\"\ndo = {}\n", instant_text(one.at), quote(&one.line))
            .expect("strings take everything");
    }
    saved
}

/// A TOML string.
fn quote(text: &str) -> String {
    let plain = |letter: char| letter != '\'' && !letter.is_control();
    if text.chars().all(plain) {
        return format!("'{text}'");
    }
    in_double_quotes(text)
}

/// A TOML string in which anything can stand.
pub(super) fn in_double_quotes(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                write!(quoted, "\\u{:04X}", control as u32).expect("strings take everything");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The text with `steps = [{ … }]` written as tables, to which more can be appended.
fn with_steps_at_the_end(text: &str) -> String {
    let (root, errors) = parse(text);
    let Node::Table(entries) = &root.value else { return text.to_owned() };
    let inline = entries.iter().find(|(key, value)| {
        &*key.value == "steps"
            && text.get(value.span.clone()).is_some_and(|written| !written.starts_with("[["))
    });
    let (Some((key, Spanned { value: Node::List(items), span })), true) =
        (inline, errors.is_empty())
    else {
        return text.to_owned();
    };
    let mut saved = String::new();
    saved.push_str(&text[..key.span.start]);
    saved.push_str(text[span.end..].trim_start_matches([' ', '\t']).trim_start_matches('\n'));
    if !saved.ends_with('\n') {
        saved.push('\n');
    }
    for item in items {
        saved.push_str("\n[[steps]]\n");
        if let Node::Table(fields) = &item.value {
            for (key, value) in fields {
                writeln!(saved, "{} = {}", &text[key.span.clone()], &text[value.span.clone()])
                    .expect("strings take everything");
            }
        }
    }
    saved
}
