//! A pen that writes into one row of a buffer, from left to right, and never beyond its end.

use std::fmt;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The pen. What does not fit is left out, wide letters whole.
pub(in crate::tui) struct Ink<'b> {
    buf: &'b mut Buffer,
    x: u16,
    y: u16,
    end: u16,
    style: Style,
}

impl<'b> Ink<'b> {
    /// A pen at `x` in row `y` that writes up to, and not at, `end`.
    pub(in crate::tui) fn new(buf: &'b mut Buffer, x: u16, y: u16, end: u16) -> Self {
        let area = *buf.area();
        let end = if y >= area.top() && y < area.bottom() { end.min(area.right()) } else { x };
        Self { buf, x, y, end, style: Style::new() }
    }

    /// Where the next letter goes.
    pub(in crate::tui) const fn x(&self) -> u16 {
        self.x
    }

    /// How many cells are left.
    pub(in crate::tui) const fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    /// From here on in this style.
    pub(in crate::tui) const fn style(&mut self, style: Style) -> &mut Self {
        self.style = style;
        self
    }

    /// Writes `text`.
    pub(in crate::tui) fn text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            self.letter(letter);
        }
        self
    }

    /// Writes `text` in `style`, and goes on in the style of before.
    pub(in crate::tui) fn styled(&mut self, style: Style, text: &str) -> &mut Self {
        let before = std::mem::replace(&mut self.style, style);
        self.text(text);
        self.style = before;
        self
    }

    /// Writes `text`, with `more` at its end if there is no room for all of it.
    pub(in crate::tui) fn clipped(&mut self, text: &str, more: &str) -> &mut Self {
        let room = usize::from(self.room());
        if text.len() <= room || text.width() <= room {
            return self.text(text);
        }
        let end = self.end;
        self.end = end.saturating_sub(1).max(self.x);
        for letter in text.chars() {
            let wide = letter.width().unwrap_or(0) as u16;
            if wide > self.room() {
                break;
            }
            self.letter(letter);
        }
        self.end = end;
        self.text(more)
    }

    /// Writes a name like `kq-0` or `broker-12`; where there is no room it loses letters before its
    /// number, which tells it from others.
    pub(in crate::tui) fn name(&mut self, name: &str, more: &str) -> &mut Self {
        let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let stem = stem.strip_suffix('-').unwrap_or(stem);
        let (stem, number) = name.split_at(stem.len());
        let tail = number.len() as u16;
        if name.width() <= usize::from(self.room()) || tail == 0 || self.room() < tail + 2 {
            return self.clipped(name, more);
        }
        let end = self.end;
        self.end -= tail;
        self.clipped(stem, more);
        self.end = end;
        self.text(number)
    }

    /// Writes one letter. Marks that combine with the letter before are left out.
    pub(in crate::tui) fn letter(&mut self, letter: char) {
        let wide = if letter.is_ascii() {
            u16::from(!letter.is_ascii_control())
        } else {
            letter.width().unwrap_or(0) as u16
        };
        if wide == 0 || wide > self.room() {
            return;
        }
        let style = self.style;
        self.buf[(self.x, self.y)].set_char(letter).set_style(style);
        if wide == 2 {
            // It hides the cell after it.
            let hidden = &mut self.buf[(self.x + 1, self.y)];
            hidden.set_symbol(" ").set_style(style);
        }
        self.x += wide;
    }

    /// Writes a sign of one cell so many times.
    pub(in crate::tui) fn repeat(&mut self, sign: &str, times: u16) -> &mut Self {
        for _ in 0..times.min(self.room()) {
            self.buf[(self.x, self.y)].set_symbol(sign).set_style(self.style);
            self.x += 1;
        }
        self
    }

    /// Leaves so many cells as they are.
    pub(in crate::tui) fn skip(&mut self, cells: u16) -> &mut Self {
        self.x = (self.x + cells).min(self.end);
        self
    }

    /// Goes on at column `x`, if that is further on.
    pub(in crate::tui) fn skip_to(&mut self, x: u16) -> &mut Self {
        self.x = self.x.max(x).min(self.end);
        self
    }
}

impl fmt::Write for Ink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text(text);
        Ok(())
    }
}

/// Writes with a format, without an intermediate string: `put!(ink, "{} {}", a, b)`.
macro_rules! put {
    ($ink:expr, $($format:tt)*) => {{
        use std::fmt::Write as _;
        write!($ink, $($format)*).expect("a pen takes everything")
    }};
}
pub(in crate::tui) use put;

/// How many digits a number has.
pub(in crate::tui) const fn digits(number: u64) -> u16 {
    match number.checked_ilog10() {
        Some(log) => log as u16 + 1,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    fn row(width: u16, draw: impl Fn(&mut Ink<'_>)) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        draw(&mut Ink::new(&mut buf, 0, 0, width));
        buf.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        assert_eq!(row(5, |ink| _ = ink.text("abcdefg")), "abcde");
        assert_eq!(row(5, |ink| _ = ink.clipped("abcdefg", "…")), "abcd…");
        assert_eq!(row(5, |ink| _ = ink.clipped("abcde", "…")), "abcde");
        assert_eq!(row(7, |ink| _ = ink.name("payments-12", "…")), "pay…-12");
        assert_eq!(row(11, |ink| _ = ink.name("payments-12", "…")), "payments-12");
        assert_eq!(row(4, |ink| _ = ink.name("payments-12", "…")), "pay…");
        assert_eq!(row(5, |ink| _ = ink.name("payments", "…")), "paym…");
    }

    #[test]
    fn wide_letters_are_whole_or_not_there() {
        assert_eq!(row(5, |ink| _ = ink.text("副本集")), "副 本  ");
        assert_eq!(row(6, |ink| _ = ink.clipped("副本集合", "…")), "副 本 … ");
    }

    #[test]
    fn numbers_have_digits() {
        assert_eq!([digits(0), digits(9), digits(10), digits(99_999)], [1, 1, 2, 5]);
    }
}
