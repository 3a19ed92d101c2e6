//! The cluster: a matrix of partitions and brokers.
//!
//! Row 0 has the controllers, one in each column. Row 1 has the brokers, from column 1 on. From row 2
//! on there is a partition in each row: itself in column 0, its replica on the broker of that column
//! in the others. Internal topics come last, each folded into one row unless asked.

mod cell;
mod grid;
mod head;
mod large;
mod legend;
mod rows;
mod strip;

pub(super) use cell::shape;
use grid::Grid;
pub use large::draw as draw_large;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rows::Row;

use super::{Changed, Thing};
use crate::ids::BrokerId;
use crate::metadata::{ClusterImage, TopicImage};
use crate::tui::ink::{Ink, digits, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::{BrokerGlance, Lens, PartitionView};

/// The row of the controllers.
const CONTROLLERS_ROW: usize = 0;
/// The row of the brokers.
const BROKERS_ROW: usize = 1;
/// The row of the first partition.
const FIRST_ROW: usize = 2;

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
    let partitions = lens.image().map_or(0, |image| rows::count(image, view.internal));
    let columns = (1 + lens.broker_ids().len()).max(lens.controller_glances().len());
    (FIRST_ROW + partitions, columns)
}

/// What stands in a row and column.
pub fn at(lens: Lens<'_>, view: &ClusterView<'_>, row: usize, column: usize) -> Option<Thing> {
    match row {
        CONTROLLERS_ROW => {
            let controllers = lens.controller_glances();
            let one = controllers.get(column).or(controllers.last())?;
            Some(Thing::Controller(one.id))
        }
        BROKERS_ROW => lens.broker_ids().get(column.checked_sub(1)?).copied().map(Thing::Broker),
        _ => {
            let mut rows = rows::from(lens.image()?, view.internal, row - FIRST_ROW);
            let row = rows.next()?;
            let (Row::Partition(topic, number), Some(column)) = (row, column.checked_sub(1)) else {
                return Some(match row.partition() {
                    Some(tp) => Thing::Partition(tp),
                    None => Thing::Topic(row.topic().name.clone()),
                });
            };
            let broker = *lens.broker_ids().get(column)?;
            let holds = topic.partition(number)?.replicas.contains(&broker);
            holds.then(|| Thing::Replica { tp: row.partition().expect("it is one"), broker })
        }
    }
}

/// The first row of partitions and the first column of brokers that are shown in `area`: what is
/// selected is seen. To be kept as `top` and `left`.
pub fn scrolled(lens: Lens<'_>, view: &ClusterView<'_>, area: Rect) -> (usize, usize) {
    let grid = Grid::of(lens, lens.image(), view, area);
    (grid.top, grid.left)
}

/// The row and column at a place of the screen.
pub fn cell_at(
    lens: Lens<'_>,
    view: &ClusterView<'_>,
    area: Rect,
    x: u16,
    y: u16,
) -> Option<(usize, usize)> {
    if y == area.y {
        let column = head::controller_at(lens, area, x)?;
        return Some((CONTROLLERS_ROW, column));
    }
    Grid::of(lens, lens.image(), view, area).cell_at(x, y)
}

/// Draws the matrix.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &ClusterView<'_>, area: Rect, buf: &mut Buffer) {
    let words = Words::of(look.lang());
    let controllers = lens.controller_glances();
    let inner = frame::draw(look, words.cluster, area, buf, |ink| {
        head::controllers(look, lens, view, &controllers, ink);
    });
    if inner.is_empty() {
        return;
    }
    let image = lens.image();
    let grid = Grid::of(lens, image, view, area);
    let committed = controllers.iter().find(|one| one.active).and_then(|one| one.high_watermark);
    let glance = |id: &BrokerId| lens.broker_glance(*id, image);
    let brokers: Vec<BrokerGlance> = grid.shown().iter().filter_map(glance).collect();
    for (place, broker) in brokers.iter().enumerate() {
        head::broker(look, lens, view.changed, broker, committed, &grid, place, buf);
    }
    match image {
        Some(image) if grid.count > 0 => {
            partitions(look, lens, view, image, &brokers, &grid, buf);
        }
        _ => {
            let mut ink = Ink::new(buf, inner.x + 1, grid.y(0), inner.right());
            ink.styled(look.theme.label, words.no_topics);
        }
    }
    if let Some(y) = grid.links {
        legend::links(look, lens, y, inner, buf);
    }
    if let Some(y) = grid.legend {
        legend::draw(look, y, inner, buf);
    }
    let below = grid.count > grid.top + usize::from(grid.height);
    frame::more(look, grid.top > 0, below, area, buf);
    head::columns(look, &grid, area, buf);
    let place = view.selected.and_then(|(row, column)| grid.place(row, column));
    if let Some(place) = place.filter(|_| view.selected.is_some_and(|(row, _)| row > 0)) {
        buf.set_style(place, look.theme.selected);
    }
}

fn partitions(
    look: &Look<'_>,
    lens: Lens<'_>,
    view: &ClusterView<'_>,
    image: &ClusterImage,
    brokers: &[BrokerGlance],
    grid: &Grid,
    buf: &mut Buffer,
) {
    // The offsets of all rows have one width.
    let mut shown: Vec<(usize, PartitionView)> = Vec::with_capacity(grid.height.into());
    let rows = rows::from(image, view.internal, grid.top).take(grid.height.into());
    for (line, row) in rows.enumerate() {
        match row {
            Row::Topic(topic) => folded(look, topic, view.internal, grid, line, buf),
            Row::Partition(topic, number) => {
                shown.extend(lens.partition_of(topic, number).map(|view| (line, view)));
            }
        }
    }
    let ends = shown.iter().flat_map(|(_, one)| &one.replicas).map(|one| one.log_end_offset.0);
    let layout = cell::CellLayout::of(look, grid.column, digits(ends.max().unwrap_or(0)).max(3));
    for (line, partition) in &shown {
        let y = grid.y(*line);
        head::partition(look, view.changed, partition, grid, y, buf);
        let scale = layout.scale(partition);
        for (place, broker) in brokers.iter().enumerate() {
            let cell = cell::Cell { look, partition, broker, changed: view.changed, layout, scale };
            let x = grid.x(place);
            cell.draw(&mut Ink::new(buf, x, y, (x + grid.column).min(grid.inner.right())));
        }
    }
}

/// The row of an internal topic as a whole.
fn folded(
    look: &Look<'_>,
    topic: &TopicImage,
    unfolded: bool,
    grid: &Grid,
    line: usize,
    buf: &mut Buffer,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let count = topic.partition_count();
    let leaderless = topic.partitions().filter(|(_, one)| one.leader.is_none()).count();
    let mut ink = Ink::new(buf, grid.inner.x, grid.y(line), grid.inner.right());
    ink.style(theme.label).text(theme.signs.folded[usize::from(unfolded)]).text(" ");
    ink.text(&topic.name).text("  ");
    put!(ink, "{count} {}", if count == 1 { words.one_partition } else { words.partitions });
    if leaderless > 0 {
        ink.text("  ").style(theme.alert);
        put!(ink, " {} {leaderless} {} ", theme.signs.offline, words.no_leader);
    }
}
