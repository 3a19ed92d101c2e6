//! Screen 7: charts over simulated time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::App;
use crate::tui::panels::charts;
use crate::tui::screens::Pane;

/// Draws the charts.
pub(in crate::tui) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    charts::draw(&app.look(Pane::Charts), &app.timeline, &app.charts_view(), area, buf);
}
