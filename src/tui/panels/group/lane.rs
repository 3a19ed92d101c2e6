//! The row of a partition: who read it when, and how far they are. What nobody read is drawn in
//! another shape, however short it was.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::Page;
use super::plan::{Body, Column, Lane};
use super::said::millis;
use crate::ids::TopicPartition;
use crate::scenario::timeline::{Hold, Span};
use crate::sim::{Instant, NodeId};
use crate::view::Lens;

/// The highest offset that is shown.
pub(super) fn highest(lens: Lens<'_>, body: &Body) -> u64 {
    let ends = body.lanes.iter().filter_map(|lane| match lane {
        Lane::Partition(tp) => log_end(lens, tp),
        Lane::Believer(..) => None,
    });
    ends.max().unwrap_or(0)
}

fn log_end(lens: Lens<'_>, tp: &TopicPartition) -> Option<u64> {
    let leader = lens.registration(tp)?.leader?;
    Some(lens.log(tp, leader)?.log_end_offset().0)
}

/// Draws it in line `y`.
pub(super) fn draw(page: &Page<'_>, lane: &Lane, y: u16, buf: &mut Buffer) {
    match lane {
        Lane::Partition(tp) => {
            page.plan.across.gutter(y, buf).styled(page.look.theme.text, &tp.to_string());
            readers(page, tp, y, buf);
            numbers(page, tp, y, buf);
        }
        Lane::Believer(tp, node) => believer(page, tp, *node, y, buf),
    }
}

/// What a cell is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cell {
    Outside,
    Read,
    Partly,
    Waits,
    Stopped,
}

/// Who read it when.
fn readers(page: &Page<'_>, tp: &TopicPartition, y: u16, buf: &mut Buffer) {
    let (theme, window, now) = (page.look.theme, page.window, page.lens.now());
    let signs = theme.signs;
    let none = Vec::new();
    let spans = page.body.ownership.partitions.get(tp).unwrap_or(&none);
    let of = |span: &&Span| matches!(span.hold, Hold::Reads | Hold::Waits);
    let owners: Vec<&Span> = spans.iter().filter(of).collect();
    let Some(first) = owners.first().map(|span| span.from) else { return };
    for cell in 0..window.cells {
        let (from, until) = (window.at(cell).max(first), window.at(cell + 1).min(now));
        // The present is a cell of its own, be it ever so short.
        let kind = if window.at(cell) > now || window.at(cell + 1) <= first {
            Cell::Outside
        } else {
            kind(&owners, from, until.max(from), now)
        };
        let mut own = owners.iter().filter(|span| overlaps(span, from, until.max(from), now));
        let style = own.next_back().map_or(theme.offline, |span| page.style(span.node));
        let (sign, style) = match kind {
            Cell::Outside => continue,
            Cell::Read => (signs.log, style),
            Cell::Partly => (signs.partly, theme.offline),
            Cell::Waits => (signs.nothing, theme.offline),
            Cell::Stopped => (signs.uncommitted, theme.offline),
        };
        page.plan.across.pen(cell, y, buf).styled(style, sign);
    }
    // The names stand where their spans begin, as far as there is room.
    for (index, span) in owners.iter().enumerate() {
        let end = span.until.unwrap_or(now);
        if end < window.first {
            continue;
        }
        let begin = window.cell(span.from.max(window.first)).unwrap_or(window.cells);
        let last = window.cell(end).unwrap_or(window.cells.saturating_sub(1));
        // What is said already where it begins need not be said after a gap that is not seen.
        let before = index.checked_sub(1).map(|before| owners[before]);
        let same = before.is_some_and(|before| {
            before.node == span.node && before.until.and_then(|at| window.cell(at)) == Some(begin)
        });
        let name: &str = page.lens.name(span.node);
        let begin = begin
            + u16::from(before.is_some_and(|before| {
                before.until.is_some_and(|at| window.cell(at) == Some(begin)) && !same
            }));
        if !same && last >= begin + name.width() as u16 {
            page.plan.across.pen(begin, y, buf).styled(page.style(span.node), name);
        }
    }
    for span in spans {
        let (sign, style) = match span.hold {
            Hold::Gone => (signs.offline, theme.offline),
            Hold::Paused => (signs.paused, theme.offline),
            Hold::Reads | Hold::Waits | Hold::Believes => continue,
        };
        if let Some(cell) = window.cell(span.from) {
            page.plan.across.pen(cell, y, buf).styled(style, sign);
        }
    }
}

fn overlaps(span: &Span, from: Instant, until: Instant, now: Instant) -> bool {
    span.from <= until && span.until.unwrap_or(now) >= from
}

/// How much of the time from `from` to `until` it was read.
fn kind(owners: &[&Span], from: Instant, until: Instant, now: Instant) -> Cell {
    let mut at = from;
    let mut some = false;
    let owners = owners.iter().filter(|span| overlaps(span, from, until, now));
    for span in owners.clone().filter(|span| span.hold == Hold::Reads) {
        if span.from > at {
            return Cell::Partly;
        }
        some = true;
        at = at.max(span.until.unwrap_or(now));
    }
    match (some, at >= until) {
        (true, true) => Cell::Read,
        (true, false) if at > from => Cell::Partly,
        _ if owners.clone().any(|span| span.hold == Hold::Waits) => Cell::Waits,
        _ => Cell::Stopped,
    }
}

/// The numbers to the right.
fn numbers(page: &Page<'_>, tp: &TopicPartition, y: u16, buf: &mut Buffer) {
    let (theme, lens, now) = (page.look.theme, page.lens, page.lens.now());
    let group = page.body.group.as_ref();
    let nothing = || "-".to_owned();
    let stopped = page.body.ownership.stopped(tp, now);
    let mut ink = page.plan.across.right(y, buf);
    for column in page.plan.columns {
        let lag = group.and_then(|group| lens.lag_of(group, tp));
        let (text, style): (String, Style) = match column {
            Column::LogEnd => {
                (log_end(lens, tp).map_or_else(nothing, |end| end.to_string()), theme.text)
            }
            Column::Committed => {
                let committed = group.and_then(|group| group.committed.get(tp));
                (committed.map_or_else(nothing, ToString::to_string), theme.text)
            }
            Column::Position => {
                let mut readers = page.body.nodes.iter();
                let at = readers.find_map(|node| page.position(tp, *node));
                (at.map_or_else(nothing, |at| at.to_string()), theme.text)
            }
            Column::Lag => (lag.map_or_else(nothing, |lag| lag.to_string()), theme.text),
            Column::Stopped if stopped.is_zero() => (nothing(), theme.label),
            Column::Stopped => (millis(stopped), theme.offline),
        };
        ink.skip(page.plan.column.saturating_sub(text.width() as u16)).styled(style, &text);
    }
}

/// When somebody believed to own it beside whoever did.
fn believer(page: &Page<'_>, tp: &TopicPartition, node: NodeId, y: u16, buf: &mut Buffer) {
    let (theme, window, now) = (page.look.theme, page.window, page.lens.now());
    let signs = theme.signs;
    let mut ink = page.plan.across.gutter(y, buf);
    ink.skip(1).style(theme.zombie).text(signs.zombie).text(" ").text(page.lens.name(node));
    let spans = page.body.ownership.partitions.get(tp).into_iter().flatten();
    let own = spans.filter(|span| span.hold == Hold::Believes && span.node == node);
    let mut lasts = false;
    for span in own {
        let until = span.until.unwrap_or(now);
        lasts |= span.until.is_none();
        for cell in 0..window.cells {
            if window.at(cell) <= until && window.at(cell + 1) > span.from {
                page.plan.across.pen(cell, y, buf).styled(theme.zombie, signs.open);
            }
        }
    }
    let text = if lasts {
        let at = page.position(tp, node).map_or_else(|| "-".to_owned(), |at| at.to_string());
        format!("{} {at}", page.words().position_of)
    } else {
        String::new()
    };
    page.plan.across.right(y, buf).skip(2).styled(theme.zombie, &text);
}
