//! The row of a replica: its log as a strip, and below it where leader epochs and segments begin.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::plan::Column;
use super::scale::{Place, place};
use super::{Page, said, strip};
use crate::cluster::ProcessState;
use crate::tui::ink::put;
use crate::tui::panels::cluster::shape;
use crate::tui::panels::labels::Label;
use crate::view::{ReplicaView, ReplicaWord, StripView};

/// Draws it from line `y` on.
pub(super) fn draw(page: &Page<'_>, replica: &ReplicaView, y: u16, buf: &mut Buffer) {
    let (theme, words) = (page.look.theme, page.words());
    let signs = theme.signs;
    let partition = &page.body.partition;
    let image = page.lens.image();
    let Some(broker) = page.lens.broker_glance(replica.broker, image) else { return };
    let truncated = page.changed.is_truncated(&partition.tp, broker.node);
    let shape = shape(page.look, replica, &broker, truncated);
    let marks = page.changed.partition(&partition.tp);
    let leads = replica.word == ReplicaWord::Leader;
    let is_new = truncated || marks.leader && leads;
    let mut ink = page.plan.across.gutter(y, buf);
    ink.styled(if is_new { theme.changed } else { shape.style }, shape.sign);
    if broker.process == ProcessState::Paused {
        ink.styled(theme.alert, signs.paused);
    } else if is_new {
        ink.styled(theme.changed, signs.changed);
    } else {
        ink.skip(1);
    }
    let touched = page.changed.node(broker.node) || page.changed.broker(replica.broker);
    ink.styled(if touched { theme.changed } else { theme.title }, page.lens.name(broker.node));
    if touched {
        ink.styled(theme.changed, signs.changed);
    }
    if page.plan.lines > 1 {
        let mut ink = page.plan.across.gutter(y + 1, buf);
        ink.skip(2).style(shape.style);
        let in_elr = partition.elr.contains(&replica.broker);
        let known = replica.leader_epoch.filter(|epoch| *epoch != partition.leader_epoch);
        if replica.word == ReplicaWord::Offline {
            // What it is in the metadata, be it noticed or not.
            ink.text(shape.word).text(" ");
            if in_elr {
                ink.text(words.in_elr);
            } else if partition.isr.contains(&replica.broker) {
                ink.text(words.in_isr);
            }
        } else {
            ink.text(if in_elr { words.in_elr } else { shape.word });
            if let Some(epoch) = known {
                // It has not heard of the newest leader.
                put!(ink, " e{epoch}");
            }
        }
    }
    let log = page.lens.strip(&partition.tp, replica.broker, page.scale);
    let Some(log) = log.filter(|_| replica.word != ReplicaWord::Absent) else {
        page.plan.across.pen(0, y, buf).styled(shape.style, words.absent);
        return;
    };
    let mut ink = page.plan.across.pen(0, y, buf);
    let close = page.scale.step == 1 && page.close;
    strip::draw(&mut ink, signs, shape.style, page.scale, replica, &log, close);
    if place(page.scale, replica.log_end_offset) == Place::Before {
        let mut ink = page.plan.across.pen(0, y, buf);
        ink.style(shape.style);
        put!(ink, "{} {} {}", signs.left, words.ends_at, replica.log_end_offset);
    }
    numbers(page, replica, &log, y, buf);
    if page.plan.lines > 1 {
        if place(page.scale, replica.log_end_offset) != Place::Before {
            page.labels(&mut labels(page, &log), y + 1, buf);
        }
        let told = if page.plan.columns.len() > 2 {
            said::follower(page, replica)
        } else {
            said::extent(page, &log)
        };
        let told = page.look.told(told);
        let mut ink = page.plan.across.right(y + 1, buf);
        let room = ink.room();
        ink.skip(room.saturating_sub(told.width() as u16)).style(theme.label);
        ink.clipped(&told, signs.more);
    }
}

/// Where leader epochs and segments begin.
fn labels(page: &Page<'_>, log: &StripView) -> Vec<Label> {
    let (theme, words) = (page.look.theme, page.words());
    let marks = page.changed.partition(&page.body.partition.tp);
    let newest = page.body.partition.leader_epoch;
    let cell = |offset| match place(page.scale, offset) {
        Place::Before => Some(0),
        Place::At(cell) => Some(cell),
        Place::After => None,
    };
    let epochs = log.epochs.iter().filter_map(|entry| {
        let is_new = marks.leader && entry.epoch == newest;
        let style = if is_new { theme.changed } else { theme.text };
        let mark = if is_new { theme.signs.changed } else { "" };
        let text = format!("e{}{mark}", entry.epoch);
        Some(Label { cell: cell(entry.start_offset)?, text, style })
    });
    let begun = log.segment_starts.iter().filter(|base| **base > log.log_start_offset);
    let segments = begun.filter_map(|base| {
        Some(Label { cell: cell(*base)?, text: words.segment.to_owned(), style: theme.label })
    });
    let open = log.open_transactions.iter().filter_map(|base| {
        let text = words.open_transaction.to_owned();
        Some(Label { cell: cell(*base)?, text, style: theme.lagging })
    });
    epochs.chain(open).chain(segments).collect()
}

fn numbers(page: &Page<'_>, replica: &ReplicaView, log: &StripView, y: u16, buf: &mut Buffer) {
    let theme = page.look.theme;
    let mut ink = page.plan.across.right(y, buf);
    let end = replica.log_end_offset;
    for column in page.plan.columns {
        let (number, behind) = match column {
            Column::LogEnd => (Some(end.0), false),
            Column::HighWatermark => {
                (replica.high_watermark.map(|mark| mark.0), replica.high_watermark < Some(end))
            }
            Column::LastStable => {
                let stable = replica.last_stable_offset;
                (stable.map(|mark| mark.0), stable < replica.high_watermark)
            }
            Column::LogStart => (Some(log.log_start_offset.0), false),
            Column::Segments => (Some(log.segments as u64), false),
            Column::Bytes => {
                let is_known = replica.word != ReplicaWord::Offline;
                (is_known.then_some(replica.size_in_bytes), false)
            }
        };
        let text = number.map_or_else(|| theme.signs.nothing.to_owned(), |it| it.to_string());
        ink.skip(page.plan.column.saturating_sub(text.width() as u16));
        ink.styled(if behind && number.is_some() { theme.lagging } else { theme.text }, &text);
    }
}
