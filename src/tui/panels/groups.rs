//! Groups: a row for each group, and one for each member below it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{TableView, Thing};
use crate::tui::Look;
use crate::view::Lens;

/// How many rows there are.
pub fn rows(lens: Lens<'_>) -> usize {
    let _ = lens;
    0
}

/// What stands in a row.
pub fn at(lens: Lens<'_>, row: usize) -> Option<Thing> {
    let _ = (lens, row);
    None
}

/// The first row that is shown in `area`: what is selected is seen. To be kept as `top`.
pub fn scrolled(lens: Lens<'_>, view: &TableView<'_>, area: Rect) -> usize {
    let _ = (lens, area);
    view.top
}

/// The row at a place of the screen.
pub fn row_at(lens: Lens<'_>, view: &TableView<'_>, area: Rect, x: u16, y: u16) -> Option<usize> {
    let _ = (lens, view, area, x, y);
    None
}

/// Draws them.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &TableView<'_>, area: Rect, buf: &mut Buffer) {
    let _ = (look, lens, view, area, buf);
}
