//! What a terminal can show: everything, only letters whose width is sure, or ASCII.
//!
//! Panels draw with the signs of their theme; whatever else is left that the terminal cannot show is
//! put in other letters after drawing.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::signs::ASCII;

/// What can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// Everything.
    #[default]
    Unicode,
    /// Chinese, but no signs that are one cell wide on one terminal and two on another.
    Narrow,
    /// ASCII.
    Ascii,
}

impl Charset {
    /// What a locale as `LANG` names it can show.
    pub fn of_locale(locale: &str) -> Self {
        let codeset = locale.split(['.', '@']).nth(1).unwrap_or_default();
        let utf8 = codeset.eq_ignore_ascii_case("utf-8") || codeset.eq_ignore_ascii_case("utf8");
        if utf8 { Self::Unicode } else { Self::Ascii }
    }

    /// True where signs must be plain.
    pub fn is_plain(self) -> bool {
        self != Self::Unicode
    }

    /// Puts what cannot be shown in other letters.
    pub fn apply(self, buf: &mut Buffer) {
        if self == Self::Unicode {
            return;
        }
        for cell in &mut buf.content {
            let symbol = cell.symbol();
            if symbol.is_ascii() || self == Self::Narrow && symbol.width() == symbol.width_cjk() {
                continue;
            }
            let plain = plain(symbol);
            cell.set_symbol(plain);
        }
    }
}

/// The ASCII letter that comes nearest.
fn plain(symbol: &str) -> &'static str {
    match symbol.chars().next().unwrap_or(' ') {
        // Signs that texts name: as the panels draw them.
        '●' => ASCII.in_sync,
        '◐' => ASCII.lagging,
        '☆' => ASCII.zombie,
        '○' => ASCII.absent,
        '✖' => ASCII.offline,
        '✂' => ASCII.truncated,
        '┿' => ASCII.high_watermark,
        '▽' => ASCII.commit,
        '─' | '━' | '═' | '╌' | '╍' | '–' | '—' | '╸' | '╺' | '╴' | '╶' => {
            "-"
        }
        '│' | '┃' | '║' | '┊' | '┋' | '╎' | '╏' | '▕' | '▏' => "|",
        '┌'..='╋' | '╔'..='╬' | '╭'..='╰' | '✔' | '✓' => "+",
        '→' | '»' | '▶' | '▸' | '›' | '▷' => ">",
        '←' | '◀' | '◂' | '‹' => "<",
        '↑' | '▲' | '▴' | '▔' => "^",
        '↓' | '▼' | '▾' => "v",
        '⇄' | '↔' | '⏸' | '≥' | '≤' | '≠' => "=",
        '⏎' => "~",
        '·' | '…' | '∙' | '⋯' => ".",
        '•' | '★' | '◆' | '■' => "*",
        '◌' | '◇' | '□' => "o",
        '✗' | '×' | '✘' => "x",
        '▁'..='█' => "#",
        '░' | '▒' | '▓' => ":",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '§' => "S",
        'µ' | 'μ' => "u",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::super::signs::{Signs, UNICODE};
    use super::*;

    fn applied(charset: Charset, text: &str) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, text.width() as u16, 1));
        buf.set_string(0, 0, text, Style::new());
        charset.apply(&mut buf);
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn ascii_terminals_get_ascii() {
        assert_eq!(applied(Charset::Ascii, "┌─┐ leader 1 → 2 ✖"), "+-+ leader 1 > 2 X");
        assert_eq!(applied(Charset::Unicode, "1 → 2"), "1 → 2");
        assert!(applied(Charset::Ascii, "宕机").is_ascii());
        assert_eq!(applied(Charset::Narrow, "宕机 → ★").replace(' ', ""), "宕机>*");
    }

    #[test]
    fn a_text_that_names_a_sign_names_the_one_that_is_drawn() {
        let both = |of: fn(&Signs) -> &'static str| (of(&UNICODE), of(&ASCII));
        for (sign, drawn) in [
            both(|signs| signs.leader),
            both(|signs| signs.in_sync),
            both(|signs| signs.lagging),
            both(|signs| signs.offline),
            both(|signs| signs.zombie),
            both(|signs| signs.absent),
            both(|signs| signs.truncated),
            both(|signs| signs.high_watermark),
            both(|signs| signs.commit),
        ] {
            assert_eq!(applied(Charset::Ascii, sign), drawn);
        }
    }

    #[test]
    fn the_locale_says_what_can_be_shown() {
        assert_eq!(Charset::of_locale("zh_CN.UTF-8"), Charset::Unicode);
        assert_eq!(Charset::of_locale("en_US.utf8"), Charset::Unicode);
        assert_eq!(Charset::of_locale("C.UTF-8"), Charset::Unicode);
        assert_eq!(Charset::of_locale("zh_CN.GB18030"), Charset::Ascii);
        assert_eq!(Charset::of_locale("C"), Charset::Ascii);
        assert_eq!(Charset::of_locale(""), Charset::Ascii);
    }
}
