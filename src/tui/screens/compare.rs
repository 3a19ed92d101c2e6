//! Screen 9: two runs or two futures side by side.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Pane;
use crate::tui::App;
use crate::tui::panels::compare;

/// Draws it.
pub(in crate::tui) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    compare::draw(&app.look(Pane::Compare), app.aligned(), &app.compare_view(), area, buf);
}
