//! Screen 4: messages in space and time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Pane;
use crate::tui::App;
use crate::tui::panels::messages;

/// Draws the messages of the last moments.
pub(in crate::tui) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let view = app.space_view();
    let lit = view.selected.map(|place| messages::Lit::of(&app.timeline, view.messages, place));
    let look = app.look(Pane::Messages);
    messages::draw(&look, app.lens(), &view, &lit.unwrap_or_default(), area, buf);
}
