//! The lines of the log: a record each, and one for records that say nothing and follow each other.
//! Only as many are read as are shown.

use super::RecordsView;
use crate::ids::{BrokerId, Offset};
use crate::view::{Lens, MetadataEntry};

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The offset of its first record.
    pub first: Offset,
    /// The offset of its last record.
    pub last: Offset,
    /// Its last record.
    pub entry: MetadataEntry,
}

impl Line {
    /// True if the record at `offset` is one of it.
    pub fn has(&self, offset: Offset) -> bool {
        (self.first..=self.last).contains(&offset)
    }
}

/// So many records are read at a time.
const CHUNK: u64 = 128;

/// Records as lines.
fn folded(entries: Vec<MetadataEntry>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for entry in entries {
        match lines.last_mut() {
            Some(line) if line.entry.is_no_op() && entry.is_no_op() => {
                (line.last, line.entry) = (entry.offset, entry);
            }
            _ => lines.push(Line { first: entry.offset, last: entry.offset, entry }),
        }
    }
    lines
}

/// The last `count` lines before `end`.
pub(super) fn upwards(lens: Lens<'_>, server: BrokerId, end: Offset, count: usize) -> Vec<Line> {
    let Some(log) = lens.metadata_log(server) else { return Vec::new() };
    let start = log.log_start_offset();
    let mut chunk = CHUNK;
    loop {
        let from = Offset(end.0.saturating_sub(chunk)).max(start);
        let mut lines = folded(lens.metadata_records(server, from, end));
        // The first one may have begun before what was read.
        let whole = lines.len().saturating_sub(usize::from(from > start));
        if from == start || whole >= count {
            return lines.split_off(lines.len() - count.min(lines.len()));
        }
        chunk *= 2;
    }
}

/// The first `count` lines from `from` on, where a line begins.
pub(super) fn downwards(lens: Lens<'_>, server: BrokerId, from: Offset, count: usize) -> Vec<Line> {
    let Some(log) = lens.metadata_log(server) else { return Vec::new() };
    let end = log.log_end_offset();
    let mut chunk = CHUNK;
    loop {
        let to = from.plus(chunk).min(end);
        let mut lines = folded(lens.metadata_records(server, from, to));
        // The last one may go on after what was read.
        let whole = lines.len().saturating_sub(usize::from(to < end));
        if to == end || whole >= count {
            lines.truncate(count);
            return lines;
        }
        chunk *= 2;
    }
}

/// The line of the record at `offset`.
pub fn line_of(lens: Lens<'_>, server: BrokerId, offset: Offset) -> Option<Line> {
    let before = upwards(lens, server, offset.next(), 1).pop()?;
    downwards(lens, server, before.first, 1).pop()
}

/// The lines shown in so many rows: what is selected is among them.
pub(super) fn window(
    lens: Lens<'_>,
    server: BrokerId,
    view: &RecordsView,
    height: usize,
) -> Vec<Line> {
    let Some(log) = lens.metadata_log(server) else { return Vec::new() };
    let log_end = log.log_end_offset();
    let end = view.end.unwrap_or(log_end).min(log_end);
    let shown = upwards(lens, server, end, height);
    let selected = view.selected.filter(|offset| *offset < log_end);
    let Some(selected) = selected.and_then(|offset| line_of(lens, server, offset)) else {
        return upwards(lens, server, log_end, height);
    };
    if shown.first().is_some_and(|first| selected.first < first.first) {
        let below = downwards(lens, server, selected.first, height);
        if below.len() == height {
            return below;
        }
        return upwards(lens, server, log_end, height);
    }
    if shown.last().is_some_and(|last| selected.first > last.first) {
        return upwards(lens, server, selected.last.next(), height);
    }
    shown
}

/// The offset of the line that is so many lines after `from`, or as far as there are any; `from` none
/// for the newest. None for the newest.
pub fn moved(lens: Lens<'_>, from: Option<Offset>, by: isize) -> Option<Offset> {
    let server = lens.metadata_log_of()?;
    let log_end = lens.metadata_log(server)?.log_end_offset();
    let from = from.filter(|offset| *offset < log_end).and_then(|it| line_of(lens, server, it));
    let steps = by.unsigned_abs();
    let to = match from {
        None if by >= 0 => return None,
        None => upwards(lens, server, log_end, steps + 1).into_iter().next()?,
        Some(line) if by < 0 => {
            upwards(lens, server, line.last.next(), steps + 1).into_iter().next()?
        }
        Some(line) => downwards(lens, server, line.first, steps + 1).pop()?,
    };
    // Whoever goes to the end follows it again.
    (to.last.next() < log_end).then_some(to.first)
}
