//! Where the rows and columns of the matrix are on the screen.

use ratatui::layout::Rect;

use super::{ClusterView, rows};
use crate::ids::BrokerId;
use crate::metadata::ClusterImage;
use crate::tui::frame;
use crate::view::Lens;

/// A column of brokers takes so many cells at least.
const NARROWEST: u16 = 11;
/// And so many at most: beyond that eyes get lost.
const WIDEST: u16 = 46;
/// `✖ LEADER DOWN`, `ISR 1,2`.
const NOTE: u16 = 14;

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// All brokers, by id.
    pub(super) brokers: Vec<BrokerId>,
    /// How many rows of partitions there are.
    pub(super) count: usize,
    /// The first of them that is shown.
    pub(super) top: usize,
    /// The first column of brokers that is shown.
    pub(super) left: usize,
    /// How many columns of brokers are shown.
    pub(super) columns: usize,
    /// The room inside the frame.
    pub(super) inner: Rect,
    /// How many lines the names of brokers take: one, or two.
    pub(super) heads: u16,
    /// How many rows of partitions fit.
    pub(super) height: u16,
    /// Of names of partitions, with the space after.
    pub(super) name: u16,
    /// Of the leader epoch, with the space after.
    pub(super) epoch: u16,
    /// Of notes; 0 for none.
    pub(super) note: u16,
    /// Of a column of brokers.
    pub(super) column: u16,
    /// The line of faulty links, if there are any and there is room.
    pub(super) links: Option<u16>,
    /// The line that says what signs mean, if there is room.
    pub(super) legend: Option<u16>,
}

impl Grid {
    pub(super) fn of(
        lens: Lens<'_>,
        image: Option<&ClusterImage>,
        view: &ClusterView<'_>,
        area: Rect,
    ) -> Self {
        let inner = frame::inner(area);
        let brokers = lens.broker_ids();
        let count = image.map_or(0, |image| rows::count(image, view.internal));
        let mut height = inner.height;
        let mut take = |wanted: bool, least: u16| {
            let taken = wanted && height > least;
            height -= u16::from(taken);
            taken
        };
        let one = take(true, 0);
        // What matters first: something to see, the legend, what is wrong with links.
        let legend = take(true, 4);
        let two = take(true, 3);
        let links = take(lens.has_faulty_links(), 2);
        let heads = u16::from(one) + u16::from(two);
        let below = inner.y + heads + height;
        let row = view.selected.and_then(|(row, _)| row.checked_sub(super::FIRST_ROW));
        let top = frame::scroll(row, view.top, count, height.into());
        let shown = usize::from(height);
        let name = image.map_or(0, |image| rows::name_width(image, view.internal, top, shown));
        let name = name.clamp(6, 28).min(inner.width / 3) + 1;
        let epoch = 4;
        let room = inner.width.saturating_sub(name + epoch);
        let wanted = brokers.len().max(1) as u16;
        // Notes have a column of their own if that does not take brokers away.
        let note = if room.saturating_sub(NOTE) >= NARROWEST * wanted.min(3) { NOTE } else { 0 };
        let room = room - note;
        let columns = (room / NARROWEST).clamp(1, wanted);
        let column = (room / columns).min(WIDEST);
        let selected_column = view.selected.filter(|(row, _)| *row > 0);
        let broker = selected_column.and_then(|(_, column)| column.checked_sub(1));
        Self {
            top,
            left: frame::scroll(broker, view.left, brokers.len(), columns.into()),
            columns: (columns as usize).min(brokers.len()),
            brokers,
            count,
            inner,
            heads,
            height,
            name,
            epoch,
            note,
            column,
            links: links.then_some(below),
            legend: legend.then_some(below + u16::from(links)),
        }
    }

    /// The brokers whose columns are shown.
    pub(super) fn shown(&self) -> &[BrokerId] {
        &self.brokers[self.left..(self.left + self.columns).min(self.brokers.len())]
    }

    /// Where the row of partitions in place `line` of those shown is.
    pub(super) fn y(&self, line: usize) -> u16 {
        self.inner.y + self.heads + line as u16
    }

    /// Where the columns of brokers begin.
    pub(super) fn columns_x(&self) -> u16 {
        self.inner.x + self.name + self.epoch + self.note
    }

    /// Where a column of brokers is, by its place among those shown.
    pub(super) fn x(&self, place: usize) -> u16 {
        self.columns_x() + place as u16 * self.column
    }

    /// Where a row and column is on the screen, without the row of controllers.
    pub(super) fn place(&self, row: usize, column: usize) -> Option<Rect> {
        let (y, height) = if row == super::BROKERS_ROW {
            (self.inner.y, self.heads)
        } else {
            let line = row.checked_sub(super::FIRST_ROW + self.top)?;
            (line < usize::from(self.height)).then_some((self.y(line), 1))?
        };
        let (x, width) = match column.checked_sub(1) {
            None => (self.inner.x, self.name + self.epoch + self.note),
            Some(broker) => {
                let place = broker.checked_sub(self.left)?;
                (place < self.columns).then_some((self.x(place), self.column))?
            }
        };
        // The cell's last column is the space to the next.
        let all = Rect::new(x, y, width.saturating_sub(1), height);
        Some(all.intersection(self.inner))
    }

    /// The row and column at a place inside the frame.
    pub(super) fn cell_at(&self, x: u16, y: u16) -> Option<(usize, usize)> {
        if !self.inner.contains((x, y).into()) {
            return None;
        }
        let line = y - self.inner.y;
        let row = if line < self.heads {
            super::BROKERS_ROW
        } else {
            let line = usize::from(line - self.heads);
            let row = self.top + line;
            (line < usize::from(self.height) && row < self.count)
                .then_some(row + super::FIRST_ROW)?
        };
        let column = match x.checked_sub(self.columns_x()) {
            None => 0,
            Some(right) => {
                let place = usize::from(right / self.column);
                (place < self.columns).then_some(self.left + place + 1)?
            }
        };
        Some((row, column))
    }
}
