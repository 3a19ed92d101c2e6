//! A row in three parts: a name in a gutter, cells of one scale, numbers to their right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::ink::Ink;

/// Where the parts of every row are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Across {
    /// The room for all rows.
    pub(super) inner: Rect,
    /// Of names, with the space after.
    pub(super) gutter: u16,
    /// How many cells the scale has.
    pub(super) cells: u16,
}

impl Across {
    /// Where the cells begin.
    pub(super) fn x(self) -> u16 {
        self.inner.x + self.gutter
    }

    /// The place of a row's name.
    pub(super) fn name(self, y: u16) -> Rect {
        Rect::new(self.inner.x, y, self.gutter - 1, 1).intersection(self.inner)
    }

    /// A pen in the gutter.
    pub(super) fn gutter(self, y: u16, buf: &mut Buffer) -> Ink<'_> {
        let end = (self.inner.x + self.gutter - 1).min(self.inner.right());
        Ink::new(buf, self.inner.x, y, end)
    }

    /// A pen in a cell.
    pub(super) fn pen(self, cell: u16, y: u16, buf: &mut Buffer) -> Ink<'_> {
        Ink::new(buf, self.x() + cell, y, self.x() + self.cells)
    }

    /// A pen in the room to the right of the cells.
    pub(super) fn right(self, y: u16, buf: &mut Buffer) -> Ink<'_> {
        Ink::new(buf, self.x() + self.cells, y, self.inner.right())
    }
}
