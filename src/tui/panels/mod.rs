//! The single panels. Each draws into the room it is given, and says what stands in its rows and
//! columns, so that the focus can move there.

mod across;
pub mod ask;
pub mod bar;
pub mod bars;
pub mod card;
mod changed;
pub mod charts;
pub mod cluster;
pub mod compare;
pub mod control;
pub mod disk;
pub mod durian;
pub mod expectations;
pub mod goals;
pub mod group;
pub mod groups;
pub mod help;
pub mod hints;
mod labels;
pub mod lesson;
pub mod list;
pub mod messages;
pub mod metadata_log;
pub mod newest;
pub mod partition;
pub mod producers;
pub mod prompt;
pub mod say;
pub mod share;
pub mod sheet;
pub mod story;
mod thing;
mod times;
pub mod tool;
pub mod why;

pub use changed::Changed;
pub use hints::Hint;
use ratatui::layout::Rect;
pub use thing::Thing;

use super::frame;

/// What a panel of rows shows.
#[derive(Clone, Copy, Debug)]
pub struct TableView<'a> {
    /// The row that is selected, if any.
    pub selected: Option<usize>,
    /// The first row shown. Drawing goes on from there so far that the selected row is seen.
    pub top: usize,
    /// What changed lately.
    pub changed: &'a Changed,
}

impl TableView<'_> {
    /// Of `rows` rows the first that is shown in `area`: what is selected is seen.
    fn scrolled(&self, rows: usize, area: Rect) -> usize {
        frame::scroll(self.selected, self.top, rows, frame::inner(area).height.into())
    }

    /// Of `rows` rows the one at a place of the screen.
    fn row_at(&self, rows: usize, area: Rect, x: u16, y: u16) -> Option<usize> {
        let inner = frame::inner(area);
        let inside = inner.contains((x, y).into());
        let row = inside.then(|| self.scrolled(rows, area) + usize::from(y - inner.y))?;
        (row < rows).then_some(row)
    }
}
