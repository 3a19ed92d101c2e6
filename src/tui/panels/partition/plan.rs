//! What there is to draw, and where it goes.

use ratatui::layout::Rect;

use super::StripsView;
use crate::tui::frame;
use crate::tui::ink::digits;
use crate::tui::panels::across::Across;
use crate::view::{Lens, PartitionView, ReaderView, ReplicaView, Waits};

/// Of signs, names and words, with the space after.
const GUTTER: u16 = 17;
/// The head, and two lines that say what the high watermark waits for.
const HEAD: u16 = 3;
/// From so many cells on there is room for all columns.
const WIDE: u16 = 116;

/// In less room than this nothing can be drawn.
pub(super) const LEAST: (u16, u16) = (GUTTER + 8 * 2 + 10, HEAD + 1);

/// What is known of the partition.
pub(super) struct Body {
    pub(super) partition: PartitionView,
    pub(super) readers: Vec<ReaderView>,
    pub(super) waits: Waits,
}

/// What stands in a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'a> {
    Reader(&'a ReaderView),
    Replica(&'a ReplicaView),
}

impl Body {
    pub(super) fn of(lens: Lens<'_>, view: &StripsView<'_>) -> Option<Self> {
        let tp = view.shown(lens)?;
        let partition = lens.partition(&tp)?;
        let (readers, waits) = (lens.readers(&tp), lens.waits(&partition));
        Some(Self { partition, readers, waits })
    }

    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let readers = self.readers.iter().map(Row::Reader);
        readers.chain(self.partition.replicas.iter().map(Row::Replica)).collect()
    }
}

/// A column of numbers to the right of the strips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    LogEnd,
    HighWatermark,
    LastStable,
    LogStart,
    Segments,
    Bytes,
}

const NARROW_COLUMNS: &[Column] = &[Column::LogEnd, Column::HighWatermark];
const ALL_COLUMNS: &[Column] = &[
    Column::LogEnd,
    Column::HighWatermark,
    Column::LastStable,
    Column::LogStart,
    Column::Segments,
    Column::Bytes,
];

/// Where everything goes.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The room inside the frame.
    pub(super) inner: Rect,
    /// The parts of every row.
    pub(super) across: Across,
    /// The numbers to its right, each in `column` cells.
    pub(super) columns: &'static [Column],
    pub(super) column: u16,
    /// The row of the axis.
    pub(super) axis: u16,
    /// How many lines a row takes: two, or one where there is no room.
    pub(super) lines: u16,
    /// The first row shown, and how many.
    pub(super) top: usize,
    pub(super) shown: usize,
    /// The line that says what the signs mean.
    pub(super) legend: Option<u16>,
}

impl Plan {
    /// How high the panel would like to be for so many rows, its frame included.
    pub(super) fn height(rows: usize) -> u16 {
        let rows = u16::try_from(rows * 2).unwrap_or(u16::MAX);
        rows.saturating_add(2 + HEAD + 1 + 1)
    }

    /// For so many rows, in offsets up to `high`.
    pub(super) fn of(inner: Rect, rows: usize, high: u64, view: &StripsView<'_>) -> Self {
        let is_wide = inner.width >= WIDE;
        let columns = if is_wide { ALL_COLUMNS } else { NARROW_COLUMNS };
        let column = (digits(high) + 2).max(if is_wide { 9 } else { 8 });
        let right = column * columns.len() as u16;
        let cells = inner.width.saturating_sub(GUTTER + right);
        let axis = inner.y + HEAD;
        let room = inner.bottom().saturating_sub(axis + 1);
        let wanted = |lines: usize| u16::try_from(rows * lines).unwrap_or(u16::MAX);
        let lines = if room >= wanted(2) { 2 } else { 1 };
        let has_legend = room > wanted(lines.into());
        let legend = has_legend.then(|| inner.bottom() - 1);
        let shown = usize::from((room - u16::from(has_legend)) / lines);
        let selected = view.selected.and_then(|row| row.checked_sub(1));
        let top = frame::scroll(selected, view.top, rows, shown);
        let across = Across { inner, gutter: GUTTER, cells };
        Self { inner, across, columns, column, axis, lines, top, shown, legend }
    }

    /// The first line of a row that is shown.
    pub(super) fn y(&self, row: usize) -> u16 {
        self.axis + 1 + (row - self.top) as u16 * self.lines
    }

    /// The row at a place of the screen.
    pub(super) fn row_at(&self, x: u16, y: u16) -> Option<usize> {
        if !self.inner.contains((x, y).into()) || self.legend == Some(y) {
            return None;
        }
        let Some(below) = y.checked_sub(self.axis + 1) else { return Some(0) };
        Some(1 + self.top + usize::from(below / self.lines))
    }
}
