//! The cluster: a matrix of partitions and brokers.
//!
//! Row 0 has the controllers, one in each column. Row 1 has the brokers, from column 1 on. From row 2
//! on there is a partition in each row: itself in column 0, its replica on the broker of that column
//! in the others. Internal topics come last, each folded into one row unless asked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Changed, Thing};
use crate::tui::Look;
use crate::view::Lens;

/// What the matrix shows.
#[derive(Clone, Copy, Debug)]
pub struct ClusterView<'a> {
    /// The row and column that are selected, if any.
    pub selected: Option<(usize, usize)>,
    /// The first row of partitions shown, 0 for the first there is.
    pub top: usize,
    /// The first column of brokers shown, 0 for the first there is.
    pub left: usize,
    /// What changed lately.
    pub changed: &'a Changed,
    /// The partitions of internal topics have rows of their own.
    pub internal: bool,
}

/// How many rows and columns there are.
pub fn size(lens: Lens<'_>, view: &ClusterView<'_>) -> (usize, usize) {
    let _ = (lens, view);
    (0, 0)
}

/// What stands in a row and column.
pub fn at(lens: Lens<'_>, view: &ClusterView<'_>, row: usize, column: usize) -> Option<Thing> {
    let _ = (lens, view, row, column);
    None
}

/// The first row of partitions and the first column of brokers that are shown in `area`: what is
/// selected is seen. To be kept as `top` and `left`.
pub fn scrolled(lens: Lens<'_>, view: &ClusterView<'_>, area: Rect) -> (usize, usize) {
    let _ = (lens, area);
    (view.top, view.left)
}

/// The row and column at a place of the screen.
pub fn cell_at(
    lens: Lens<'_>,
    view: &ClusterView<'_>,
    area: Rect,
    x: u16,
    y: u16,
) -> Option<(usize, usize)> {
    let _ = (lens, view, area, x, y);
    None
}

/// Draws the matrix.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &ClusterView<'_>, area: Rect, buf: &mut Buffer) {
    let _ = (look, lens, view, area, buf);
}
