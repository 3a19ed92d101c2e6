//! Screen 8: why something happened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Pane;
use crate::tui::App;
use crate::tui::panels::why;

/// Draws the chain of causes that was asked for.
pub(in crate::tui) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    if let Some(chain) = &app.chain {
        why::draw(&app.look(Pane::Why), chain, &app.timeline, &app.why_view(), area, buf);
    }
}
