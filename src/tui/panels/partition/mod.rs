//! A partition: the logs of its replicas, one under the other on one scale of offsets, and above them
//! how far each group is.
//!
//! Row 0 is the partition itself. Then there is a row for each group that reads it, and one for each
//! replica, the preferred leader first.

mod head;
mod plan;
mod readers;
mod replica;
mod said;
mod scale;
mod strip;
mod which;

use plan::{Body, Plan, Row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
pub use which::{beside, first};

use super::{Changed, Thing, labels};
use crate::ids::{Name, TopicPartition};
use crate::tui::ink::{Ink, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::{Lens, PartitionView, ReaderView, ReplicaWord};

/// What the panel shows.
#[derive(Clone, Copy, Debug)]
pub struct StripsView<'a> {
    /// The partition; none for the first there is.
    pub tp: Option<&'a TopicPartition>,
    /// The row that is selected, if any.
    pub selected: Option<usize>,
    /// The first group or replica shown, 0 for the first there is.
    pub top: usize,
    /// A cell for every record, however much else is not seen.
    pub close: bool,
    /// What changed lately.
    pub changed: &'a Changed,
}

impl StripsView<'_> {
    /// The partition that is shown.
    pub fn shown(&self, lens: Lens<'_>) -> Option<TopicPartition> {
        self.tp.cloned().or_else(|| first(lens))
    }
}

/// The offsets that decide about the scale.
#[derive(Clone, Debug, Default)]
struct Marks {
    /// Where the longest log begins.
    start: u64,
    /// Of replicas that run: ends, high watermarks, last stable offsets.
    near: Vec<u64>,
    /// Ends of logs of brokers that are down, commits and positions.
    far: Vec<u64>,
    /// The high watermark of the leader, or the highest that anybody knows.
    committed: Option<u64>,
}

impl Marks {
    fn of(partition: &PartitionView, readers: &[ReaderView]) -> Self {
        let mut marks = Self::default();
        let mut starts = Vec::new();
        for replica in &partition.replicas {
            match replica.word {
                ReplicaWord::Absent => {}
                ReplicaWord::Offline => marks.far.push(replica.log_end_offset.0),
                _ => {
                    let known = [replica.high_watermark, replica.last_stable_offset];
                    marks.near.push(replica.log_end_offset.0);
                    marks.near.extend(known.into_iter().flatten().map(|offset| offset.0));
                    starts.push(replica.log_start_offset.0);
                }
            }
        }
        marks.start = starts.into_iter().min().unwrap_or(0);
        for reader in readers {
            let positions = reader.positions.iter().filter_map(|one| one.position);
            marks.far.extend(reader.committed.into_iter().chain(positions).map(|one| one.0));
        }
        let leader = partition.replicas.iter().find(|one| one.word == ReplicaWord::Leader);
        let known = partition.replicas.iter().filter_map(|one| one.high_watermark).max();
        let committed = leader.and_then(|leader| leader.high_watermark).or(known);
        marks.committed = committed.map(|offset| offset.0);
        marks
    }

    /// The highest of them.
    fn high(&self) -> u64 {
        self.near.iter().chain(&self.far).copied().max().unwrap_or(0)
    }
}

/// How many rows there are: the partition, its groups, its replicas.
pub fn rows(lens: Lens<'_>, view: &StripsView<'_>) -> usize {
    Body::of(lens, view).map_or(1, |body| 1 + body.rows().len())
}

/// How high the panel would like to be.
pub fn height(lens: Lens<'_>, view: &StripsView<'_>) -> u16 {
    Plan::height(rows(lens, view) - 1)
}

/// What stands in a row.
pub fn at(lens: Lens<'_>, view: &StripsView<'_>, row: usize) -> Option<Thing> {
    let body = Body::of(lens, view)?;
    let Some(row) = row.checked_sub(1) else { return Some(Thing::Partition(body.partition.tp)) };
    Some(match *body.rows().get(row)? {
        Row::Reader(reader) => Thing::Group(reader.group.clone()),
        Row::Replica(replica) => {
            Thing::Replica { tp: body.partition.tp.clone(), broker: replica.broker }
        }
    })
}

/// The first group or replica that is shown in `area`: what is selected is seen. To be kept as `top`.
pub fn scrolled(lens: Lens<'_>, view: &StripsView<'_>, area: Rect) -> usize {
    let count = rows(lens, view) - 1;
    Plan::of(frame::inner(area), count, 0, view).top
}

/// The row at a place of the screen.
pub fn row_at(lens: Lens<'_>, view: &StripsView<'_>, area: Rect, x: u16, y: u16) -> Option<usize> {
    let count = rows(lens, view) - 1;
    Plan::of(frame::inner(area), count, 0, view).row_at(x, y)
}

/// Draws the panel.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &StripsView<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let tp = view.shown(lens);
    let title = match &tp {
        Some(tp) => format!("{} {tp}", words.partition),
        None => words.partition.to_owned(),
    };
    let place = tp.as_ref().and_then(|tp| which::place(lens, tp));
    let inner = frame::draw(look, &title, area, buf, |ink| {
        if let Some((number, count)) = place {
            ink.skip(1).style(theme.label);
            put!(ink, " {number}/{count} ");
        }
    });
    if inner.width < plan::LEAST.0 || inner.height < plan::LEAST.1 {
        return;
    }
    let Some(body) = Body::of(lens, view) else {
        let mut ink = Ink::new(buf, inner.x + 1, inner.y, inner.right());
        ink.styled(theme.label, if tp.is_some() { words.no_partition } else { words.no_topics });
        return;
    };
    let rows = body.rows();
    let marks = Marks::of(&body.partition, &body.readers);
    let plan = Plan::of(inner, rows.len(), marks.high(), view);
    let scale = if view.close {
        scale::record_by_record(&marks, plan.across.cells)
    } else {
        scale::fitting(&marks, plan.across.cells)
    };
    let page = Page {
        look,
        lens,
        changed: view.changed,
        body: &body,
        plan: &plan,
        close: view.close,
        scale,
    };
    head::draw(&page, view.selected == Some(0), buf);
    head::axis(&page, buf);
    head::left_out(&page, area, buf);
    for (line, row) in rows.iter().enumerate().skip(plan.top).take(plan.shown) {
        let y = plan.y(line);
        match row {
            Row::Reader(reader) => readers::draw(&page, reader, y, buf),
            Row::Replica(replica) => replica::draw(&page, replica, y, buf),
        }
        if view.selected == Some(line + 1) {
            buf.set_style(plan.across.name(y), theme.selected);
        }
    }
    head::legend(&page, buf);
    frame::more(look, plan.top > 0, rows.len() > plan.top + plan.shown, area, buf);
}

/// What a frame is drawn from.
struct Page<'a> {
    look: &'a Look<'a>,
    lens: Lens<'a>,
    changed: &'a Changed,
    body: &'a Body,
    plan: &'a Plan,
    close: bool,
    scale: crate::view::Stretch,
}

impl Page<'_> {
    fn words(&self) -> &'static Words {
        Words::of(self.look.lang())
    }

    /// The name of a server.
    fn name(&self, broker: crate::ids::BrokerId) -> Name {
        let node = self.lens.node_of(broker);
        node.map_or_else(|| format!("broker-{broker}").into(), |node| self.lens.name(node).clone())
    }

    /// The labels below the strip in row `y`.
    fn labels(&self, labels: &mut [labels::Label], y: u16, buf: &mut Buffer) {
        let at = (self.plan.across.x(), y);
        labels::draw(self.look.theme.signs, labels, at, self.plan.across.cells, buf);
    }
}
