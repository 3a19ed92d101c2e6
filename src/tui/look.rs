//! How a panel is drawn: in which colours and signs, in which language, with the focus or without.

use super::theme::Theme;
use crate::explain::{Lang, Narrator};

/// How a panel is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Colours and signs.
    pub theme: &'a Theme,
    /// Who tells, and in which language.
    pub narrator: Narrator,
    /// Keys go to this panel.
    pub focused: bool,
}

impl<'a> Look<'a> {
    /// A look without the focus.
    pub fn new(theme: &'a Theme, lang: Lang) -> Self {
        Self { theme, narrator: Narrator::new(lang), focused: false }
    }

    /// The same with the focus, or without.
    #[must_use]
    pub const fn focus(self, focused: bool) -> Self {
        Self { focused, ..self }
    }

    /// The names of keys in letters that the terminal has: `Enter` for ⏎.
    pub fn keys(&self, text: &str) -> String {
        if !self.theme.signs.ascii || text.is_ascii() {
            return text.to_owned();
        }
        let names = [
            ("↑↓", "Up Down"),
            ("⏎", "Enter"),
            ("⌫", "Backspace"),
            ("→", "Right"),
            ("←", "Left"),
            ("↑", "Up"),
            ("↓", "Down"),
        ];
        let named =
            names.iter().fold(text.to_owned(), |text, (sign, name)| text.replace(sign, name));
        self.told(named)
    }

    /// A sentence in letters that the terminal has: without its arrows and dots in plain ASCII.
    /// Chinese stays as it is: who asks for it can read it.
    pub fn told(&self, text: String) -> String {
        if !self.theme.signs.ascii || text.is_ascii() {
            return text;
        }
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '→' => plain.push_str("->"),
                '↔' => plain.push_str("<->"),
                '…' => plain.push_str("..."),
                'µ' => plain.push('u'),
                '×' => plain.push('x'),
                '≤' => plain.push_str("<="),
                '≥' => plain.push_str(">="),
                '·' | '–' | '—' => plain.push('-'),
                letter => plain.push(letter),
            }
        }
        plain
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.narrator.lang()
    }
}
