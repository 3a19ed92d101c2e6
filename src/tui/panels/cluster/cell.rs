//! A cell of the matrix: a replica.

use ratatui::style::Style;

use super::strip::{self, Scale};
use crate::broker::BrokerState;
use crate::cluster::ProcessState;
use crate::tui::Look;
use crate::tui::ink::{Ink, digits, put};
use crate::tui::panels::Changed;
use crate::tui::words::Words;
use crate::view::{BrokerGlance, PartitionView, ReplicaView, ReplicaWord};

/// How a replica is shown.
pub(in crate::tui::panels) struct Shape {
    pub(in crate::tui::panels) sign: &'static str,
    pub(in crate::tui::panels) word: &'static str,
    pub(in crate::tui::panels) style: Style,
}

/// The shape of a replica.
pub(in crate::tui::panels) fn shape(
    look: &Look<'_>,
    replica: &ReplicaView,
    broker: &BrokerGlance,
    truncated: bool,
) -> Shape {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let signs = theme.signs;
    let is = |sign, word, style| Shape { sign, word, style };
    if truncated {
        return is(signs.truncated, words.truncated, theme.lagging);
    }
    match replica.word {
        ReplicaWord::Leader => is(signs.leader, words.leader, theme.leader),
        ReplicaWord::Zombie => is(signs.zombie, words.zombie, theme.zombie),
        ReplicaWord::InSync => is(signs.in_sync, words.in_sync, theme.in_sync),
        ReplicaWord::Lagging => is(signs.lagging, words.lagging, theme.lagging),
        ReplicaWord::Offline => is(signs.offline, words.offline, theme.offline),
        ReplicaWord::Absent if broker.state == Some(BrokerState::Recovery) => {
            is(signs.recovering, words.recovering, theme.lagging)
        }
        ReplicaWord::Absent => is(signs.absent, words.absent, theme.lagging),
    }
}

/// How the cells of a column are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellLayout {
    /// Of the word; 0 for none.
    word: u16,
    /// Of the strip, the mark of the high watermark included; 0 for none.
    strip: u16,
    /// Of the offset.
    number: u16,
}

impl CellLayout {
    /// In `width` cells, for offsets of so many digits.
    pub(super) fn of(look: &Look<'_>, width: u16, number: u16) -> Self {
        // Sign, mark, a space before the number and two after it.
        let fixed = 2 + 1 + number + 2;
        let words = Words::of(look.lang());
        let longest = [words.leader, words.in_sync, words.lagging, words.offline, words.zombie];
        let longest = longest.map(unicode_width::UnicodeWidthStr::width);
        let longest = longest.into_iter().max().unwrap_or(0) as u16 + 1;
        let rest = width.saturating_sub(fixed);
        let word = if rest >= longest + 8 { longest } else { 0 };
        let strip = (rest - word).min(40);
        Self { word, strip: if strip >= 3 { strip } else { 0 }, number }
    }

    /// Which offsets the strips of a partition show.
    pub(super) fn scale(self, partition: &PartitionView) -> Scale {
        Scale::of(partition, self.strip.saturating_sub(1))
    }
}

/// What a cell is drawn from.
pub(super) struct Cell<'a> {
    pub(super) look: &'a Look<'a>,
    pub(super) partition: &'a PartitionView,
    pub(super) broker: &'a BrokerGlance,
    pub(super) changed: &'a Changed,
    pub(super) layout: CellLayout,
    pub(super) scale: Scale,
}

impl Cell<'_> {
    /// Draws the replica on the cell's broker, or that there is none.
    pub(super) fn draw(&self, ink: &mut Ink<'_>) {
        let (theme, signs) = (self.look.theme, self.look.theme.signs);
        let Some(replica) = self.partition.replicas.iter().find(|one| one.broker == self.broker.id)
        else {
            ink.styled(theme.border, signs.nothing);
            return;
        };
        let truncated = self.changed.is_truncated(&self.partition.tp, self.broker.node);
        let shape = shape(self.look, replica, self.broker, truncated);
        let marks = self.changed.partition(&self.partition.tp);
        let leads = replica.word == ReplicaWord::Leader;
        let is_new = truncated || marks.leader && leads;
        ink.style(shape.style);
        ink.styled(if is_new { theme.changed } else { shape.style }, shape.sign);
        if self.broker.process == ProcessState::Paused {
            ink.styled(theme.alert, signs.paused);
        } else if is_new {
            ink.styled(theme.changed, signs.changed);
        } else if replica.word == ReplicaWord::Offline {
            // What it is in the metadata, be it noticed or not.
            if self.partition.leader == Some(replica.broker) {
                ink.text(signs.leader);
            } else if self.partition.isr.contains(&replica.broker) {
                ink.text(signs.in_sync);
            } else {
                ink.skip(1);
            }
        } else {
            ink.skip(1);
        }
        let CellLayout { word, strip, number } = self.layout;
        let x = ink.x();
        if word > 0 {
            ink.text(shape.word).skip_to(x + word);
        }
        let x = ink.x();
        if replica.word == ReplicaWord::Absent {
            if word == 0 {
                ink.text(shape.word);
            }
            return;
        }
        if let (ReplicaWord::Zombie, Some(epoch)) = (replica.word, replica.leader_epoch) {
            // That it leads in an epoch that is over says more than its log.
            if word == 0 {
                ink.text(shape.word).text(" ");
            }
            put!(ink, "e{epoch}");
        } else if strip > 0 {
            let start = replica.log_start_offset;
            let mark = replica.high_watermark;
            strip::draw(ink, signs, self.scale, start, mark, replica.log_end_offset);
        }
        ink.skip_to(x + strip);
        let end = replica.log_end_offset.0;
        ink.skip(1 + number.saturating_sub(digits(end))).style(theme.text);
        put!(ink, "{end}");
    }
}
