//! Groups: a row for each group, and one for each member below it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{Changed, TableView, Thing};
use crate::cluster::ProcessState;
use crate::ids::{Name, TopicPartition};
use crate::sim::NodeId;
use crate::tui::ink::{Ink, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::{ConsumerView, GroupView, Lens, MemberView, Unknown};

/// What stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Row {
    Group(Name),
    Process(Name, Name, NodeId),
}

fn all_rows(lens: Lens<'_>) -> Vec<Row> {
    let groups = lens.group_processes().into_iter();
    let rows = groups.flat_map(|(group, processes)| {
        let of_group = group.clone();
        let processes = processes
            .into_iter()
            .map(move |(name, node)| Row::Process(of_group.clone(), name, node));
        std::iter::once(Row::Group(group)).chain(processes)
    });
    rows.collect()
}

/// How many rows there are.
pub fn rows(lens: Lens<'_>) -> usize {
    all_rows(lens).len()
}

/// What stands in a row.
pub fn at(lens: Lens<'_>, row: usize) -> Option<Thing> {
    Some(match all_rows(lens).get(row)? {
        Row::Group(group) => Thing::Group(group.clone()),
        Row::Process(group, member, _) => {
            Thing::Member { group: group.clone(), member: member.clone() }
        }
    })
}

/// The first row that is shown in `area`: what is selected is seen. To be kept as `top`.
pub fn scrolled(lens: Lens<'_>, view: &TableView<'_>, area: Rect) -> usize {
    view.scrolled(rows(lens), area)
}

/// The row at a place of the screen.
pub fn row_at(lens: Lens<'_>, view: &TableView<'_>, area: Rect, x: u16, y: u16) -> Option<usize> {
    view.row_at(rows(lens), area, x, y)
}

/// Draws them.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &TableView<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let inner = frame::draw(look, words.groups, area, buf, |_| {});
    if inner.is_empty() {
        return;
    }
    let rows = all_rows(lens);
    let top = frame::scroll(view.selected, view.top, rows.len(), inner.height.into());
    if rows.is_empty() {
        Ink::new(buf, inner.x + 1, inner.y, inner.right()).styled(theme.label, words.no_groups);
    }
    let names = rows.iter().filter_map(|row| match row {
        Row::Process(_, name, _) => Some(name.width() as u16),
        Row::Group(_) => None,
    });
    let name_width = names.max().unwrap_or(0).min(inner.width / 3);
    let mut group: Option<GroupView> = None;
    for (line, row) in rows.iter().skip(top).take(inner.height.into()).enumerate() {
        let y = inner.y + line as u16;
        let mut ink = Ink::new(buf, inner.x, y, inner.right());
        let of = match row {
            Row::Group(name) | Row::Process(name, ..) => name,
        };
        if group.as_ref().is_none_or(|known| known.name != *of) {
            group = lens.group(of);
        }
        match row {
            Row::Group(name) => {
                draw_group(look, lens, view.changed, name, group.as_ref(), &mut ink);
            }
            Row::Process(_, _, node) => {
                if let Some(consumer) = lens.consumer(*node) {
                    let changed = view.changed.node(*node);
                    let process = Process { consumer, node: *node, changed, name_width };
                    process.draw(look, lens, group.as_ref(), &mut ink);
                }
            }
        }
        if view.selected == Some(top + line) {
            buf.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected);
        }
    }
    let below = rows.len() > top + usize::from(inner.height);
    frame::more(look, top > 0, below, area, buf);
}

fn draw_group(
    look: &Look<'_>,
    lens: Lens<'_>,
    changed: &Changed,
    name: &Name,
    group: Option<&GroupView>,
    ink: &mut Ink<'_>,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let gap = if ink.room() >= 56 { 2 } else { 1 };
    ink.styled(theme.title, name).skip(gap);
    let Some(group) = group else {
        match lens.why_unknown(name) {
            Unknown::NotAskedFor => {
                ink.styled(theme.label, words.no_coordinator_yet);
            }
            Unknown::NoCoordinator => {
                ink.style(theme.alert);
                put!(ink, " {} {} ", signs.offline, words.no_coordinator);
            }
            Unknown::Loading(broker) => {
                ink.style(theme.label);
                put!(ink, "{} {broker}: {}", words.coordinator, words.loading);
            }
            Unknown::Down(broker) => {
                ink.style(theme.alert);
                put!(ink, "{} {} {broker} {}", signs.offline, words.coordinator, words.down);
            }
        }
        return;
    };
    let stable = matches!(group.state, "Stable" | "Empty");
    let new = changed.group(name);
    let style = if new {
        theme.changed
    } else if stable {
        theme.group
    } else {
        theme.lagging
    };
    let sign = if stable { signs.member } else { signs.waiting };
    ink.style(style);
    put!(ink, "{sign} {}", group.state);
    ink.style(if new { theme.changed } else { theme.text }).skip(gap);
    put!(ink, "{} {}", words.generation, group.generation);
    if new {
        ink.text(signs.changed);
    }
    let mut read: Vec<&TopicPartition> = group
        .members
        .iter()
        .flat_map(|member| &member.assigned)
        .chain(group.committed.keys())
        .collect();
    read.sort_unstable();
    read.dedup();
    let lag = amount(lens.lag_over(group, read));
    let right = words.lag.width() as u16 + 2 + lag.width() as u16;
    let node = lens.node_of(group.coordinator);
    let node = node.map_or("", |node| &**lens.name(node));
    if usize::from(ink.room()) > node.len() + words.at.width() + 2 + usize::from(right) {
        ink.skip(gap).style(theme.label);
        put!(ink, "{} {node}", words.at);
    }
    // Numbers are whole or not there.
    if ink.room() > right {
        ink.skip(ink.room() - right).style(theme.text);
        put!(ink, "{} {lag}", words.lag);
    }
}

/// How far behind a group is, `-` where nothing is committed, as Kafka's tool writes it.
fn amount(lag: Option<u64>) -> String {
    lag.map_or_else(|| "-".to_owned(), |lag| lag.to_string())
}

/// A consumer's process.
struct Process {
    consumer: ConsumerView,
    node: NodeId,
    changed: bool,
    name_width: u16,
}

impl Process {
    /// It as a member of its group, as the coordinator knows it.
    fn member<'a>(&self, group: Option<&'a GroupView>) -> Option<&'a MemberView> {
        let mut members = group?.members.iter();
        members.find(|member| match &self.consumer.member_id {
            Some(id) => member.member_id == *id,
            // A process that is gone may still be a member.
            None => !self.consumer.alive && member.client_id == self.consumer.name,
        })
    }

    fn draw(&self, look: &Look<'_>, lens: Lens<'_>, group: Option<&GroupView>, ink: &mut Ink<'_>) {
        let (theme, words) = (look.theme, Words::of(look.lang()));
        let signs = theme.signs;
        let consumer = &self.consumer;
        let member = self.member(group);
        let state = lens.process_state(self.node);
        let joined = consumer.state == "Stable";
        // It believes in a membership that its coordinator has ended.
        let expelled = member.is_none() && group.is_some() && joined;
        let waits = match member {
            Some(member) => member.joining || member.syncing,
            None => !joined,
        };
        let (sign, style) = match state {
            ProcessState::Down => (signs.offline, theme.offline),
            ProcessState::Paused => (signs.paused, theme.alert),
            ProcessState::Booting => (signs.starting, theme.lagging),
            ProcessState::Up if expelled => (signs.waiting, theme.alert),
            ProcessState::Up if waits => (signs.waiting, theme.lagging),
            ProcessState::Up => (signs.member, theme.in_sync),
        };
        ink.skip(1).style(style).text(sign).skip(1);
        let x = ink.x();
        ink.styled(if self.changed { theme.changed } else { theme.text }, &consumer.name);
        let computes = group.is_some_and(|group| {
            group.leader.is_some()
                && member.map(|member| &member.member_id) == group.leader.as_ref()
        });
        if self.changed {
            ink.styled(theme.changed, signs.changed);
        } else if computes {
            ink.styled(theme.leader, signs.computes);
        }
        ink.skip_to(x + self.name_width + 1).skip(1);
        let word = match (state, member) {
            (ProcessState::Down, Some(_)) => words.silent,
            (ProcessState::Down, None) => words.stopped,
            (ProcessState::Paused, _) => words.paused,
            (ProcessState::Booting, _) => words.booting,
            (ProcessState::Up, Some(member)) if member.joining => words.joining,
            (ProcessState::Up, Some(member)) if member.syncing => words.syncing,
            (ProcessState::Up, Some(_)) => "",
            (ProcessState::Up, None) if expelled || consumer.state == "Unjoined" => {
                words.not_in_group
            }
            (ProcessState::Up, None) if joined => "",
            (ProcessState::Up, None) => words.joining,
        };
        if !word.is_empty() {
            ink.styled(style, word).skip(1);
        }
        // What it reads, as it believes; what it ought to read, if it cannot believe any more.
        let owned: Vec<&TopicPartition> = match member {
            Some(member) if !consumer.alive => member.assigned.iter().collect(),
            _ => consumer.owned.keys().collect(),
        };
        if owned.is_empty() {
            if word.is_empty() {
                ink.styled(theme.label, words.no_partitions);
            }
            return;
        }
        let lag = group.and_then(|group| lens.lag_over(group, owned.iter().copied()));
        let lag = format!("{} {}", words.lag, amount(lag));
        let right = lag.width() as u16 + 1;
        let reads = if state == ProcessState::Up && !waits { theme.text } else { style };
        for tp in owned {
            let width = tp.topic.width() as u16 + 5;
            if ink.room() < width {
                ink.styled(reads, signs.more);
                break;
            }
            ink.style(reads);
            put!(ink, "{}-{} ", tp.topic, tp.partition);
        }
        if ink.room() > right && group.is_some() {
            ink.skip(ink.room() - right).styled(theme.label, &lag);
        }
    }
}
