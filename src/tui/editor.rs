//! A line of text that is being typed.

use super::key::{Code, Key};

/// The text and where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editor {
    text: String,
    /// In bytes, between two letters.
    cursor: usize,
}

impl Editor {
    /// A line that begins with `text`, the cursor behind it.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor is, in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts `text` in the place of what is from `start` to the cursor.
    pub fn replace(&mut self, start: usize, text: &str) {
        let start = start.min(self.cursor);
        self.text.replace_range(start..self.cursor, text);
        self.cursor = start + text.len();
    }

    /// Takes a key. False if it is none for a line.
    pub fn take(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (Code::Char('a'), true) | (Code::Home, _) => self.cursor = 0,
            (Code::Char('e'), true) | (Code::End, _) => self.cursor = self.text.len(),
            (Code::Char('u'), true) => {
                self.text.replace_range(..self.cursor, "");
                self.cursor = 0;
            }
            (Code::Char('k'), true) => self.text.truncate(self.cursor),
            (Code::Char('w'), true) => {
                let left = self.text[..self.cursor].trim_end();
                let start = left.rfind(' ').map_or(0, |at| at + 1);
                self.replace(start, "");
            }
            (Code::Char(letter), false) => {
                self.text.insert(self.cursor, letter);
                self.cursor += letter.len_utf8();
            }
            (Code::Left, _) => self.cursor = self.before(),
            (Code::Right, _) => self.cursor = self.after(),
            (Code::Backspace, _) => {
                let start = self.before();
                self.replace(start, "");
            }
            (Code::Delete, _) => {
                let end = self.after();
                self.text.replace_range(self.cursor..end, "");
            }
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        let left = self.text[..self.cursor].chars().next_back();
        self.cursor - left.map_or(0, char::len_utf8)
    }

    fn after(&self) -> usize {
        let right = self.text[self.cursor..].chars().next();
        self.cursor + right.map_or(0, char::len_utf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::{Stroke, parse};

    #[test]
    fn a_line_is_typed_and_mended() {
        let mut editor = Editor::new("宕机");
        let strokes = parse("← ⌫ \"kill b\" Home Del Ctrl-e Ctrl-w \"start\"").expect("keys");
        for stroke in strokes {
            let Stroke::Key(key) = stroke else { continue };
            assert!(editor.take(key));
        }
        assert_eq!((editor.text(), editor.cursor()), ("ill start", 9));
        editor.replace(4, "stop ");
        assert_eq!(editor.text(), "ill stop ");
        assert!(!editor.take(Key::plain(Code::Enter)));
    }
}
