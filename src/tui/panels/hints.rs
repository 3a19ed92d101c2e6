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

/// Cells between two hints: where there is room, and where there is not.
const GAPS: [usize; 2] = [3, 2];

/// Draws as many hints as there is room for. The last one, the help, always has room.
pub fn draw(look: &Look<'_>, hints: &[Hint], area: Rect, buf: &mut Buffer) {
    buf.set_style(area, look.theme.text);
    let Some(last) = hints.last() else { return };
    let width = usize::from(area.width).saturating_sub(1);
    let wide = |hint: &Hint| look.keys(hint.key).width() + hint.says.width() + 1;
    let all = |gap: usize| hints.iter().map(|hint| wide(hint) + gap).sum::<usize>() - gap;
    let gap = GAPS.into_iter().find(|gap| all(*gap) <= width).unwrap_or(GAPS[1]);
    let mut room = width.saturating_sub(wide(last));
    let mut ink = Ink::new(buf, area.x, area.y, area.right());
    ink.text(" ");
    for (index, hint) in hints.iter().enumerate() {
        let is_last = index + 1 == hints.len();
        if !is_last && wide(hint) + gap > room {
            continue;
        }
        room = room.saturating_sub(wide(hint) + gap);
        ink.styled(look.theme.key, &look.keys(hint.key)).text(" ");
        ink.styled(look.theme.hint, &hint.says).repeat(" ", gap as u16);
    }
}
