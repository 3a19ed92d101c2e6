//! Keys, whatever brings them: a terminal, a script, a browser.

use std::fmt;

/// A key with what is held down beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The key.
    pub code: Code,
    /// Ctrl is held down.
    pub ctrl: bool,
    /// Shift is held down, where the key's sign does not say so.
    pub shift: bool,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are called what is written on them")]
pub enum Code {
    Char(char),
    F(u8),
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    Enter,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Esc,
}

/// How keys that are no letters are written; the first form is that of the help.
const NAMES: &[(Code, &[&str])] = &[
    (Code::Left, &["←", "Left"]),
    (Code::Right, &["→", "Right"]),
    (Code::Up, &["↑", "Up"]),
    (Code::Down, &["↓", "Down"]),
    (Code::Home, &["Home"]),
    (Code::End, &["End"]),
    (Code::PageUp, &["PgUp"]),
    (Code::PageDown, &["PgDn"]),
    (Code::Enter, &["⏎", "Enter"]),
    (Code::Tab, &["Tab", "⇥"]),
    (Code::BackTab, &["Shift-Tab", "⇤"]),
    (Code::Backspace, &["⌫", "Backspace"]),
    (Code::Delete, &["Del", "⌦"]),
    (Code::Esc, &["Esc", "⎋"]),
    (Code::Char(' '), &["space", "␣"]),
];

impl Key {
    /// A key with nothing held down.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, shift: false }
    }

    /// The key of a letter or sign.
    pub const fn char(letter: char) -> Self {
        Self::plain(Code::Char(letter))
    }

    /// A key as it is written: `→`, `x`, `Ctrl-c`, `Shift-→`, `F1`, `space`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((code, _)) = NAMES.iter().find(|(_, names)| names.contains(&text)) {
            return Some(Self::plain(*code));
        }
        let mut letters = text.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return (!letter.is_control() && !letter.is_whitespace()).then(|| Self::char(letter));
        }
        if let Some(rest) = text.strip_prefix("Ctrl-") {
            return Self::parse(rest).map(|key| Self { ctrl: true, ..key });
        }
        if let Some(rest) = text.strip_prefix("Shift-") {
            return Self::parse(rest).map(|key| Self { shift: true, ..key });
        }
        let number = text.strip_prefix('F')?.parse().ok()?;
        (1..=12).contains(&number).then(|| Self::plain(Code::F(number)))
    }

    /// The letter that it types, if any.
    pub fn letter(self) -> Option<char> {
        match self.code {
            Code::Char(letter) if !self.ctrl => Some(letter),
            _ => None,
        }
    }
}

/// As it is written in scripts and in the help.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.shift {
            f.write_str("Shift-")?;
        }
        if let Some((_, names)) = NAMES.iter().find(|(code, _)| *code == self.code) {
            return f.write_str(names[0]);
        }
        match self.code {
            Code::Char(letter) => write!(f, "{letter}"),
            Code::F(number) => write!(f, "F{number}"),
            _ => unreachable!("all others have names"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        for text in ["→", "x", "X", "Ctrl-c", "Shift-→", "F1", "F12", "space", "⏎", "Esc", "?", "1"]
        {
            let key = Key::parse(text).expect("it is a key");
            assert_eq!(key.to_string(), text);
        }
        assert_eq!(Key::parse("Enter"), Key::parse("⏎"));
        for text in ["", "Homee", "F13", "F0", "Ctrl-", " ", "xy"] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
    }
}
