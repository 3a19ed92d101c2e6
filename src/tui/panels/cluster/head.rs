//! The heads of rows and columns: controllers, brokers, partitions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::grid::Grid;
use super::{BrokerGlance, CONTROLLERS_ROW, ClusterView};
use crate::broker::BrokerState;
use crate::cluster::ProcessState;
use crate::explain::Lang;
use crate::ids::{BrokerId, Offset};
use crate::tui::Look;
use crate::tui::ink::{Ink, put};
use crate::tui::panels::Changed;
use crate::tui::words::Words;
use crate::view::{ControllerGlance, Lens, PartitionView, ReplicaWord};

/// A broker that lags by less is only about to hear.
const STALE: u64 = 5;

/// The controllers, in the frame behind the title.
pub(super) fn controllers(
    look: &Look<'_>,
    lens: Lens<'_>,
    view: &ClusterView<'_>,
    controllers: &[ControllerGlance],
    ink: &mut Ink<'_>,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let selected = view.selected.filter(|(row, _)| *row == CONTROLLERS_ROW).map(|(_, one)| one);
    for (column, one) in controllers.iter().enumerate() {
        let (sign, style) = match one.process {
            ProcessState::Down if lens.is_before_all() => (signs.starting, theme.lagging),
            ProcessState::Down => (signs.offline, theme.offline),
            ProcessState::Paused => (signs.paused, theme.lagging),
            ProcessState::Booting => (signs.starting, theme.lagging),
            ProcessState::Up if one.active => (signs.controller, theme.control),
            ProcessState::Up => (signs.standby, theme.label),
        };
        let selected = selected.is_some_and(|at| at.min(controllers.len() - 1) == column);
        let style = if selected {
            theme.selected
        } else if view.changed.node(one.node) {
            theme.changed
        } else {
            style
        };
        ink.skip(1).style(style).text(" ").text(sign).text(" ").text(lens.name(one.node)).text(" ");
    }
    if !controllers.iter().any(|one| one.active && one.process == ProcessState::Up) {
        if lens.awaits_first_controller() {
            ink.skip(1).style(theme.lagging).text(words.booting);
        } else {
            ink.skip(1).style(theme.alert);
            put!(ink, " {} ", words.no_controller);
        }
    }
}

/// The controller at a column of the screen, in the frame of `area`.
pub(super) fn controller_at(lens: Lens<'_>, area: Rect, x: u16) -> Option<usize> {
    // Behind the title in either language, as `controllers` draws them.
    let title = [Lang::En, Lang::Zh].map(|lang| Words::of(lang).cluster.width()).into_iter().max();
    let mut left = area.x + 3 + title.unwrap_or(0) as u16;
    for (column, one) in lens.controller_glances().iter().enumerate() {
        let right = left + 5 + lens.name(one.node).width() as u16;
        if x >= left && x < right {
            return Some(column);
        }
        left = right;
    }
    None
}

/// What is to be said of a broker: sign, word, style. None if all is well.
pub(super) fn state(
    look: &Look<'_>,
    lens: Lens<'_>,
    broker: &BrokerGlance,
) -> Option<(&'static str, &'static str, Style)> {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    Some(match (broker.process, broker.state) {
        // Nothing has happened yet: it is about to start.
        (ProcessState::Down, _) if lens.is_before_all() => {
            (signs.starting, words.booting, theme.lagging)
        }
        (ProcessState::Down, _) => (signs.offline, words.down, theme.alert),
        (ProcessState::Paused, _) => (signs.paused, words.paused, theme.alert),
        (ProcessState::Booting, _) | (_, None) => (signs.starting, words.booting, theme.lagging),
        (_, Some(BrokerState::Starting)) => (signs.starting, words.catching_up, theme.lagging),
        (_, Some(BrokerState::Recovery)) => (signs.recovering, words.opening_logs, theme.lagging),
        (_, Some(BrokerState::PendingControlledShutdown)) => {
            (signs.stopping, words.handing_over, theme.lagging)
        }
        (_, Some(BrokerState::ShuttingDown)) => {
            (signs.stopping, words.shutting_down, theme.lagging)
        }
        (_, Some(BrokerState::Running)) if broker.fenced => {
            (signs.fenced, words.fenced, theme.alert)
        }
        (_, Some(BrokerState::Running)) => return None,
    })
}

/// The head of a broker's column.
#[expect(clippy::too_many_arguments, reason = "what is drawn, from what, and where")]
pub(super) fn broker(
    look: &Look<'_>,
    lens: Lens<'_>,
    changed: &Changed,
    broker: &BrokerGlance,
    committed: Option<Offset>,
    grid: &Grid,
    place: usize,
    buf: &mut Buffer,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let (x, y) = (grid.x(place), grid.inner.y);
    let end = (x + grid.column - 1).min(grid.inner.right());
    let state = state(look, lens, broker);
    let is_new = changed.node(broker.node) || changed.broker(broker.id);
    let mut ink = Ink::new(buf, x, y, end);
    ink.styled(if is_new { theme.changed } else { theme.title }, lens.name(broker.node));
    if is_new {
        ink.styled(theme.changed, signs.changed);
    }
    let two = grid.heads > 1;
    if two {
        ink = Ink::new(buf, x, y + 1, end);
    } else {
        ink.text(" ");
    }
    if let Some((sign, word, style)) = state {
        ink.style(style).text(sign);
        // Beside its name there may be no room for the word; the sign says it too.
        if two || usize::from(ink.room()) > word.width() {
            put!(ink, " {word}");
        }
        // Who is gone and who is known to be gone are two things.
        let gone = matches!(broker.process, ProcessState::Down | ProcessState::Paused);
        if two && gone && broker.fenced {
            ink.style(theme.offline);
            put!(ink, " {}", signs.fenced);
            if usize::from(ink.room()) > words.fenced.width() {
                put!(ink, " {}", words.fenced);
            }
        }
    } else if two {
        let applied = broker.metadata_offset.map_or(0, |offset| offset.0 + 1);
        let behind = committed.map_or(0, |end| end.0.saturating_sub(applied));
        if behind >= STALE {
            ink.style(theme.lagging);
            put!(ink, "{} {behind}", words.behind);
        }
    }
}

/// The head of a partition's row: its name, leader epoch, and what is unusual.
pub(super) fn partition(
    look: &Look<'_>,
    changed: &Changed,
    partition: &PartitionView,
    grid: &Grid,
    y: u16,
    buf: &mut Buffer,
) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let marks = changed.partition(&partition.tp);
    let offline = partition.leader.is_none();
    let x = grid.inner.x;
    let mut ink = Ink::new(buf, x, y, x + grid.name - 1);
    ink.style(if offline { theme.alert } else { theme.title });
    put!(ink, "{}-{}", partition.tp.topic, partition.tp.partition);
    let x = x + grid.name;
    let mut ink = Ink::new(buf, x, y, x + grid.epoch);
    ink.style(if marks.leader { theme.changed } else { theme.label });
    put!(ink, "e{}", partition.leader_epoch);
    let x = x + grid.epoch;
    let mut ink = Ink::new(buf, x, y, x + grid.note.saturating_sub(1));
    if offline {
        ink.style(theme.alert);
        put!(ink, "{} {}", signs.offline, words.no_leader);
        return;
    }
    let leads = |word| {
        partition
            .replicas
            .iter()
            .any(|one| partition.leader == Some(one.broker) && one.word == word)
    };
    if leads(ReplicaWord::Offline) {
        // The metadata names somebody who is not there.
        ink.style(theme.alert);
        put!(ink, "{} {}", signs.offline, words.leader_down);
        return;
    }
    if partition.recovering {
        ink.styled(theme.alert, words.unclean).text(" ");
    }
    let smaller = partition.isr.len() != partition.replicas.len();
    let isr = if smaller || marks.isr { &partition.isr[..] } else { &[] };
    let lists = [("ISR", isr), (" ELR", &partition.elr[..])];
    let lists = lists.map(|(name, brokers)| (name, brokers, listed(brokers)));
    let lists = lists.iter().filter(|(_, brokers, _)| !brokers.is_empty());
    // Where there is little room, the lists do without brackets.
    let wide: usize = lists.clone().map(|(name, _, ids)| name.len() + ids.len() + 3).sum();
    let [open, close] = if wide <= usize::from(ink.room()) { ["[", "]"] } else { ["", ""] };
    for (name, _, ids) in lists {
        let is_new = *name == "ISR" && marks.isr;
        ink.style(if is_new { theme.changed } else { theme.lagging });
        ink.clipped(&format!("{name} {open}{ids}{close}"), signs.more);
    }
}

fn listed(brokers: &[BrokerId]) -> String {
    brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Which brokers are shown, in the frame, if not all are.
pub(super) fn columns(look: &Look<'_>, grid: &Grid, area: Rect, buf: &mut Buffer) {
    let all = grid.brokers.len();
    if grid.columns >= all || area.width < 30 {
        return;
    }
    let (theme, signs) = (look.theme, look.theme.signs);
    let (first, last) = (grid.left + 1, grid.left + grid.columns);
    let mut ink = Ink::new(buf, area.x + 2, area.bottom() - 1, area.right() - 2);
    ink.style(theme.title).text(" ");
    ink.text(if grid.left > 0 { signs.left } else { " " });
    put!(ink, " broker {first}-{last} / {all} ");
    ink.text(if last < all { signs.right } else { " " }).text(" ");
}
