//! The last line: the keys that are most useful here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::tui::Look;
use crate::tui::ink::Ink;

/// A key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The key, as it is written.
    pub key: &'static str,
    /// What it does.
    pub says: String,
}

impl Hint {
    fn width(&self) -> usize {
        self.key.width() + self.says.width() + 4
    }
}

/// Draws as many hints as there is room for. The last one, the help, always has room.
pub fn draw(look: &Look<'_>, hints: &[Hint], area: Rect, buf: &mut Buffer) {
    buf.set_style(area, look.theme.text);
    let Some((last, others)) = hints.split_last() else { return };
    let mut room = usize::from(area.width).saturating_sub(last.width() + 1);
    let mut ink = Ink::new(buf, area.x, area.y, area.right());
    ink.text(" ");
    let mut put = |hint: &Hint| {
        ink.styled(look.theme.key, hint.key).text(" ");
        ink.styled(look.theme.hint, &hint.says).text("   ");
    };
    for hint in others {
        if hint.width() > room {
            break;
        }
        room -= hint.width();
        put(hint);
    }
    put(last);
}
