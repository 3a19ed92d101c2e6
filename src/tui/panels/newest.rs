//! The newest line of the story, large, for a class that looks at one thing at a time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::explain::{Importance, Story, clock};
use crate::tui::ink::Ink;
use crate::tui::{Look, wrap};
use crate::view::Lens;

/// Draws the newest line that is no echo of another: when and who above, what below.
pub fn draw(look: &Look<'_>, story: &Story, lens: Lens<'_>, area: Rect, buf: &mut Buffer) {
    let theme = look.theme;
    buf.set_style(area, theme.text);
    if area.is_empty() {
        return;
    }
    let mut places = (0..story.len()).rev().filter_map(|place| story.get(place));
    let Some(shown) = places.find(|shown| shown.latest.importance > Importance::Aside) else {
        return;
    };
    let speaker = look.narrator.speaker(shown.latest, &lens);
    let says = look.told(look.narrator.line(shown.latest, &lens));
    let mut ink = Ink::new(buf, area.x, area.y, area.right());
    ink.styled(theme.selected, &format!(" {} ", clock(shown.first.at)));
    ink.text(" ").styled(theme.you, &speaker);
    let rows: Vec<&str> = wrap::rows(&says, area.width.saturating_sub(2)).collect();
    for (index, y) in (area.y + 1..area.bottom()).enumerate() {
        let Some(row) = rows.get(index) else { break };
        let mut ink = Ink::new(buf, area.x + 1, y, area.right());
        ink.style(theme.title).text(row);
        if y + 1 == area.bottom() && rows.len() > index + 1 {
            ink.text(theme.signs.more);
        }
    }
}
