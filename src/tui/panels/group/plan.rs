//! What there is to draw, and where it goes.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::GroupView;
use crate::ids::{Name, TopicPartition};
use crate::scenario::timeline::{Hold, Ownership, Timeline};
use crate::sim::NodeId;
use crate::tui::frame;
use crate::tui::ink::digits;
use crate::tui::panels::across::Across;
use crate::view::{self, Lens, SeatView};

/// The states, what is true of the group, and a sentence.
const HEAD: u16 = 3;
/// The axis of time, and the rebalances on it.
const AXIS: u16 = 2;
/// From so many cells on there is room for all columns.
const WIDE: u16 = 116;

/// In less room than this nothing can be drawn.
pub(super) const LEAST: (u16, u16) = (50, HEAD + AXIS + 2);

/// What is known of the group.
pub(super) struct Body {
    /// In its coordinator's memory.
    pub(super) group: Option<view::GroupView>,
    pub(super) seats: Vec<SeatView>,
    pub(super) ownership: Ownership,
    pub(super) lanes: Vec<Lane>,
    /// Its consumers, for their colours.
    pub(super) nodes: BTreeSet<NodeId>,
}

/// A row of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Who read a partition.
    Partition(TopicPartition),
    /// Who believed to own it beside whoever did.
    Believer(TopicPartition, NodeId),
}

impl Body {
    pub(super) fn of(timeline: &Timeline, name: &Name) -> Self {
        let lens = timeline.runner().lens();
        let ownership = timeline.ownership(name);
        let group = lens.group(name);
        let processes = lens.group_processes().remove(name).unwrap_or_default();
        let mut partitions: BTreeSet<TopicPartition> =
            ownership.partitions.keys().cloned().collect();
        if let Some(group) = &group {
            partitions.extend(group.committed.keys().cloned());
            partitions.extend(group.members.iter().flat_map(|member| member.assigned.clone()));
        }
        partitions.extend(subscribed(lens, processes.iter().map(|(_, node)| *node)));
        let lanes = partitions.into_iter().flat_map(|tp| {
            let spans = ownership.partitions.get(&tp).into_iter().flatten();
            let believers = spans.filter(|span| span.hold == Hold::Believes);
            let believers: BTreeSet<NodeId> = believers.map(|span| span.node).collect();
            let believers: Vec<Lane> =
                believers.into_iter().map(|node| Lane::Believer(tp.clone(), node)).collect();
            std::iter::once(Lane::Partition(tp)).chain(believers)
        });
        let lanes = lanes.collect();
        let nodes = processes.into_iter().map(|(_, node)| node).collect();
        Self { group, seats: lens.seats(name), ownership, lanes, nodes }
    }

    /// How many rows can be selected below the head.
    pub(super) fn rows(&self) -> usize {
        self.seats.len() + self.lanes.len()
    }
}

/// The partitions of topics that consumers subscribe to.
fn subscribed(lens: Lens<'_>, nodes: impl Iterator<Item = NodeId>) -> Vec<TopicPartition> {
    let mut topics: BTreeMap<Name, u32> = BTreeMap::new();
    for consumer in nodes.filter_map(|node| lens.running_consumer(node)) {
        for topic in consumer.subscriptions().topics() {
            let known = lens.image().and_then(|image| image.topic_named(topic));
            topics.extend(known.map(|known| (topic.clone(), known.partition_count())));
        }
    }
    let partitions = topics.iter().flat_map(|(topic, count)| {
        (0..*count as i32).map(|number| TopicPartition::new(topic.clone(), number))
    });
    partitions.collect()
}

/// A column of numbers to the right of the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    LogEnd,
    Committed,
    Position,
    Lag,
    Stopped,
}

const NARROW_COLUMNS: &[Column] = &[Column::Lag, Column::Stopped];
const ALL_COLUMNS: &[Column] =
    &[Column::LogEnd, Column::Committed, Column::Position, Column::Lag, Column::Stopped];

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
    /// The line that leads from the last state back to the second, if there is room.
    pub(super) back: Option<u16>,
    /// The lines of the head below the states.
    pub(super) facts: u16,
    /// The first line of the members, the first of them that is shown, and how many are.
    pub(super) seats: u16,
    pub(super) first_seat: usize,
    pub(super) shown_seats: usize,
    /// The row of the axis.
    pub(super) axis: u16,
    /// The first lane shown, and how many.
    pub(super) first_lane: usize,
    pub(super) shown_lanes: usize,
    /// The line that says what the signs mean.
    pub(super) legend: Option<u16>,
}

impl Plan {
    /// How high the panel would like to be, its frame included.
    pub(super) fn height(rows: usize) -> u16 {
        let rows = u16::try_from(rows).unwrap_or(u16::MAX);
        rows.saturating_add(2 + HEAD + 1 + AXIS + 1)
    }

    pub(super) fn of(inner: Rect, body: &Body, high: u64, view: &GroupView<'_>) -> Self {
        let is_wide = inner.width >= WIDE;
        let columns = if is_wide { ALL_COLUMNS } else { NARROW_COLUMNS };
        let column = (digits(high) + 2).max(if is_wide { 10 } else { 9 });
        let name = |lane: &Lane| match lane {
            Lane::Partition(tp) => tp.topic.width() as u16 + 2 + digits(tp.partition.0 as u64),
            Lane::Believer(..) => 0,
        };
        let widest = body.lanes.iter().map(name).max().unwrap_or(0);
        let gutter = widest.clamp(11, inner.width / 4);
        let right = column * columns.len() as u16;
        let cells = inner.width.saturating_sub(gutter + right);
        let wanted = body.rows() as u16 + HEAD + AXIS + 1;
        let back = (inner.height > wanted).then_some(inner.y + 1);
        let facts = inner.y + 1 + u16::from(back.is_some());
        let seats = facts + HEAD - 1;
        let room = inner.bottom().saturating_sub(seats + AXIS);
        // Where there is little room, the lanes have the more of it.
        let (all_seats, all_lanes) = (body.seats.len() as u16, body.lanes.len() as u16);
        let has_legend = room > all_seats + all_lanes;
        let room = room.saturating_sub(u16::from(has_legend));
        let seat_rows = all_seats.min((room / 3).max(room.saturating_sub(all_lanes)).max(1));
        let lane_rows = room.saturating_sub(seat_rows).min(all_lanes);
        let (shown_seats, shown_lanes) = (usize::from(seat_rows), usize::from(lane_rows));
        let selected = view.selected.and_then(|row| row.checked_sub(1));
        let seat = selected.filter(|row| *row < body.seats.len());
        let lane = selected.and_then(|row| row.checked_sub(body.seats.len()));
        Self {
            inner,
            across: Across { inner, gutter, cells },
            columns,
            column,
            back,
            facts,
            seats,
            first_seat: frame::scroll(seat, 0, body.seats.len(), shown_seats),
            shown_seats,
            axis: seats + seat_rows,
            first_lane: frame::scroll(lane, view.top, body.lanes.len(), shown_lanes),
            shown_lanes,
            legend: has_legend.then(|| inner.bottom() - 1),
        }
    }

    /// The line of a lane that is shown.
    pub(super) fn lane_y(&self, lane: usize) -> u16 {
        self.axis + AXIS + (lane - self.first_lane) as u16
    }

    /// The line of a member that is shown.
    pub(super) fn seat_y(&self, seat: usize) -> u16 {
        self.seats + (seat - self.first_seat) as u16
    }

    /// The row at a place of the screen.
    pub(super) fn row_at(&self, body: &Body, x: u16, y: u16) -> Option<usize> {
        if !self.inner.contains((x, y).into()) || self.legend == Some(y) {
            return None;
        }
        if y < self.seats {
            return Some(0);
        }
        let seat = usize::from(y - self.seats);
        if seat < self.shown_seats {
            return Some(1 + self.first_seat + seat);
        }
        let lane = usize::from(y.checked_sub(self.axis + AXIS)?);
        (lane < self.shown_lanes).then(|| 1 + body.seats.len() + self.first_lane + lane)
    }
}
