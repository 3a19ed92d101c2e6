//! The line that tells: what the scenario says of this moment, or what was just done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::Message;
use crate::tui::ink::Ink;
use crate::tui::{Look, wrap};

/// Draws the message if there is one, otherwise the narration.
pub fn draw(
    look: &Look<'_>,
    message: Option<&Message>,
    narration: Option<&str>,
    area: Rect,
    buf: &mut Buffer,
) {
    let theme = look.theme;
    buf.set_style(area, theme.text);
    let (style, sign, text) = match (message, narration) {
        (Some(Message::Command(line)), _) => (theme.you, ":", line.as_str()),
        (Some(Message::Note(text)), _) => (theme.title, theme.signs.note, text.as_str()),
        (Some(Message::Error(text)), _) => (theme.alert, theme.signs.offline, text.as_str()),
        (None, Some(text)) => (theme.note, theme.signs.turn, text),
        (None, None) => return,
    };
    let room = area.width.saturating_sub(5);
    let rows: Vec<&str> = wrap::rows(text, room).collect();
    for (index, y) in (area.top()..area.bottom()).enumerate() {
        let Some(row) = rows.get(index) else { break };
        let is_last = index + 1 == usize::from(area.height);
        let mut ink = Ink::new(buf, area.x + 1, y, area.right() - 1);
        ink.style(style).text(if index == 0 { sign } else { " " }).text(" ").text(row);
        if is_last && rows.len() > index + 1 {
            ink.text(theme.signs.more);
        }
    }
}
