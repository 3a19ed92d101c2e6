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

    /// The language.
    pub fn lang(&self) -> Lang {
        self.narrator.lang()
    }
}
