//! Key scripts: what is pressed, as text. A script is a test, a demo and a tutorial.
//!
//! `→ → w ⏎ :kill broker-1⏎ wait:2s`: keys between spaces; after `:` or `/` everything up to ⏎ is
//! typed; text between quotes is typed too; `wait:2s` lets real time pass.

use super::key::{Code, Key};
use crate::config::nearest;
use crate::sim::Duration;

/// One thing that somebody at the keyboard does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// A key is pressed.
    Key(Key),
    /// So much real time passes.
    Wait(Duration),
}

/// What is no script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// A word that is no key.
    #[error("`{word}` is no key{hint}")]
    NoKey {
        /// The word.
        word: String,
        /// What may be meant.
        hint: String,
    },
    /// A quote without its end.
    #[error("the quote is not closed: {0}")]
    OpenQuote(String),
    /// Not a span of time.
    #[error("`{0}`: write it like wait:2s")]
    Wait(String),
}

/// Reads a script.
///
/// # Errors
/// The first word that is no key.
pub fn parse(script: &str) -> Result<Vec<Stroke>, ScriptError> {
    let mut strokes = Vec::new();
    let mut rest = script.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            ':' | '/' => {
                strokes.push(Stroke::Key(Key::char(first)));
                typed(after, &mut strokes)
            }
            '"' => {
                let open = || ScriptError::OpenQuote(rest.to_owned());
                let (text, after) = after.split_once('"').ok_or_else(open)?;
                strokes.extend(text.chars().map(|letter| Stroke::Key(Key::char(letter))));
                after
            }
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                strokes.push(word(&rest[..end])?);
                &rest[end..]
            }
        }
        .trim_start();
    }
    Ok(strokes)
}

/// Types up to and with ⏎ or Esc; returns what is left.
fn typed<'a>(text: &'a str, strokes: &mut Vec<Stroke>) -> &'a str {
    for (at, letter) in text.char_indices() {
        let key = match letter {
            '⏎' | '\n' => Key::plain(Code::Enter),
            '⎋' => Key::plain(Code::Esc),
            '⇥' => Key::plain(Code::Tab),
            '↑' => Key::plain(Code::Up),
            '↓' => Key::plain(Code::Down),
            '⌫' => Key::plain(Code::Backspace),
            letter => Key::char(letter),
        };
        strokes.push(Stroke::Key(key));
        if matches!(key.code, Code::Enter | Code::Esc) {
            return &text[at + letter.len_utf8()..];
        }
    }
    ""
}

fn word(word: &str) -> Result<Stroke, ScriptError> {
    if let Some(span) = word.strip_prefix("wait:") {
        let span = span.parse().map_err(|_| ScriptError::Wait(word.to_owned()))?;
        return Ok(Stroke::Wait(span));
    }
    Key::parse(word).map(Stroke::Key).ok_or_else(|| {
        let names =
            ["Enter", "Esc", "Tab", "space", "PgUp", "PgDn", "Home", "End", "Left", "Right"];
        let hint = match nearest(word, names) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => "; keys stand between spaces, and text to be typed between quotes".to_owned(),
        };
        ScriptError::NoKey { word: word.to_owned(), hint }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(script: &str) -> String {
        let strokes = parse(script).expect("it is a script");
        let word = |stroke: &Stroke| match stroke {
            Stroke::Key(key) => key.to_string(),
            Stroke::Wait(span) => format!("({span})"),
        };
        strokes.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_script_is_read() {
        assert_eq!(text("→ →  w ⏎"), "→ → w ⏎");
        assert_eq!(text(":kill b 1⏎ → wait:2s"), ": k i l l space b space 1 ⏎ → (2s)");
        assert_eq!(text("b \"a < 2\" ⏎"), "b a space < space 2 ⏎");
        assert_eq!(text("/fen⎋ F1"), "/ f e n Esc F1");
        assert_eq!(text(""), "");
    }

    #[test]
    fn what_is_no_key_is_told() {
        let told = |script: &str| parse(script).expect_err("it is none").to_string();
        assert_eq!(told("→ Entr"), "`Entr` is no key; did you mean `Enter`?");
        assert_eq!(told("wait:2"), "`wait:2`: write it like wait:2s");
        assert_eq!(told("b \"isr"), "the quote is not closed: \"isr");
    }
}
