//! Screen 2: a partition, and the story below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::App;
use crate::tui::panels::{Changed, partition};
use crate::tui::screens::Pane;

/// Draws the logs of the partition that is looked at.
pub(in crate::tui) fn draw(app: &App, changed: &Changed, area: Rect, buf: &mut Buffer) {
    let look = app.look(Pane::Partition);
    partition::draw(&look, app.lens(), &app.strips_view(changed), area, buf);
}
