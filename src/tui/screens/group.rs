//! Screen 3: a group, and its story below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::App;
use crate::tui::panels::{Changed, group};
use crate::tui::screens::Pane;

/// Draws the group that is looked at.
pub(in crate::tui) fn draw(app: &App, changed: &Changed, area: Rect, buf: &mut Buffer) {
    let look = app.look(Pane::Group);
    group::draw(&look, &app.timeline, &app.group_view(changed), area, buf);
}
