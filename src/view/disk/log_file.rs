//! A file of record batches: rows of batches and their records, and the fields of a batch.

use std::ops::Range;
use std::sync::Arc;

use super::batch;
use super::dump::{Decoder, batch_line, record_line};
use super::part::Part;
use crate::log::{Disk, batches_in_file};
use crate::protocol::Batch;
use crate::sim::disk::FileId;

/// A file of batches.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Its batches with where they begin, up to the first that is not whole.
    pub batches: Vec<(u64, Arc<Batch>)>,
    /// How many rows there are before each batch.
    rows_before: Vec<usize>,
    rows: usize,
    /// What follows the last whole batch.
    pub rest: Range<u64>,
    decoder: Decoder,
}

/// What stands in a row.
#[derive(Clone, Debug)]
pub enum LogRow<'a> {
    /// A batch.
    Batch {
        /// Where it begins.
        at: u64,
        /// The batch.
        batch: &'a Batch,
    },
    /// A record of the batch above.
    Record {
        /// Where it begins.
        at: u64,
        /// Its batch.
        batch: &'a Batch,
        /// Its number in its batch, from 0.
        number: usize,
    },
    /// Bytes at the end that are no whole batch.
    Rest {
        /// Which.
        at: Range<u64>,
    },
}

impl LogRow<'_> {
    /// Where it begins.
    pub const fn start(&self) -> u64 {
        match self {
            Self::Batch { at, .. } | Self::Record { at, .. } => *at,
            Self::Rest { at } => at.start,
        }
    }
}

impl LogFile {
    pub(super) fn of(disk: &Disk, file: FileId, decoder: Decoder) -> Self {
        let batches = batches_in_file(disk, file);
        let mut rows = 0;
        let mut rows_before = Vec::with_capacity(batches.len());
        for (_, batch) in &batches {
            rows_before.push(rows);
            let records = if batch.iter().next().is_some_and(|one| one.is_ok()) {
                usize::try_from(batch.count()).unwrap_or(0)
            } else {
                0
            };
            rows += 1 + records;
        }
        let whole = batches.last().map_or(0, |(at, batch)| at + batch.size_in_bytes());
        let rest = whole..disk.written(file);
        rows += usize::from(!rest.is_empty());
        Self { batches, rows_before, rows, rest, decoder }
    }

    /// How many rows it has.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The batch that a row belongs to.
    fn batch_of_row(&self, row: usize) -> Option<usize> {
        self.rows_before.partition_point(|before| *before <= row).checked_sub(1)
    }

    /// What stands in a row.
    pub fn row(&self, row: usize) -> Option<LogRow<'_>> {
        if row >= self.rows {
            return None;
        }
        if !self.rest.is_empty() && row + 1 == self.rows {
            return Some(LogRow::Rest { at: self.rest.clone() });
        }
        let index = self.batch_of_row(row)?;
        let (at, batch) = (self.batches[index].0, &*self.batches[index].1);
        let Some(number) = (row - self.rows_before[index]).checked_sub(1) else {
            return Some(LogRow::Batch { at, batch });
        };
        let starts = batch::record_starts(batch);
        let start = starts.get(number).or(starts.last()).copied().unwrap_or(0);
        let at = at + crate::protocol::HEADER_LEN as u64 + start;
        Some(LogRow::Record { at, batch, number })
    }

    /// The row that byte `at` belongs to.
    pub fn row_at(&self, at: u64) -> usize {
        if !self.rest.is_empty() && at >= self.rest.start {
            return self.rows - 1;
        }
        let Some(index) = self.batch_at(at) else { return 0 };
        let (start, batch) = &self.batches[index];
        let Some(within) = at.checked_sub(start + crate::protocol::HEADER_LEN as u64) else {
            return self.rows_before[index];
        };
        let number = batch::record_starts(batch).partition_point(|record| *record <= within);
        self.rows_before[index] + number
    }

    /// The number of the batch that byte `at` lies in, or the last one.
    pub fn batch_at(&self, at: u64) -> Option<usize> {
        self.batches.partition_point(|(start, _)| *start <= at).checked_sub(1)
    }

    /// The fields of batch number `index`; of what follows the last one, it as a whole.
    pub fn parts(&self, index: usize) -> Vec<Part> {
        if let Some((at, batch)) = self.batches.get(index) {
            return batch::parts(batch, *at, self.decoder);
        }
        let len = self.rest.end - self.rest.start;
        let rest = Part { at: self.rest.clone(), name: "invalid bytes", value: len.to_string() };
        if len > 0 { vec![rest] } else { Vec::new() }
    }

    /// How many pages of fields there are: a batch is one, and so is what follows the last one.
    pub fn pages(&self) -> usize {
        self.batches.len() + usize::from(!self.rest.is_empty())
    }

    /// A row as `kafka-dump-log` prints it.
    pub fn line(&self, row: &LogRow<'_>) -> String {
        match row {
            LogRow::Batch { at, batch } => batch_line(batch, *at),
            LogRow::Record { batch, number, .. } => match batch.iter().nth(*number) {
                Some(Ok(record)) => record_line(batch, &record, self.decoder),
                Some(Err(error)) => error.to_string(),
                None => String::new(),
            },
            LogRow::Rest { at } => {
                format!("Found {} invalid bytes at the end", at.end - at.start)
            }
        }
    }

    /// Key and value of a record, as the decoder of its topic reads them.
    pub fn told(&self, batch: &Batch, number: usize) -> (Option<String>, Option<String>) {
        match batch.iter().nth(number) {
            Some(Ok(record)) if batch.is_control() => (None, Some(super::dump::control(&record))),
            Some(Ok(record)) => self.decoder.read(&record),
            _ => (None, None),
        }
    }
}
