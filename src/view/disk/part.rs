//! Bytes of a file and what they are.

use std::ops::Range;

/// Bytes that mean something together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which bytes of the file; at least one.
    pub at: Range<u64>,
    /// What Kafka calls them.
    pub name: &'static str,
    /// What they say.
    pub value: String,
}

/// Parts that belong together: an entry, a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it says in one line: as `kafka-dump-log` prints it, where that does.
    pub line: String,
    /// Its parts, in order and without gaps.
    pub parts: Vec<Part>,
}

impl Item {
    /// Where it begins.
    pub fn start(&self) -> u64 {
        self.parts.first().map_or(0, |part| part.at.start)
    }
}

/// Cuts bytes into parts, one after the other.
#[derive(Debug)]
pub(super) struct Cutter {
    at: u64,
    pub(super) parts: Vec<Part>,
}

impl Cutter {
    /// A cutter that begins at this byte of the file.
    pub(super) const fn new(at: u64) -> Self {
        Self { at, parts: Vec::new() }
    }

    /// The next `len` bytes; what has none is no part.
    pub(super) fn part(&mut self, len: u64, name: &'static str, value: impl Into<String>) {
        if len > 0 {
            let at = self.at..self.at + len;
            self.at = at.end;
            self.parts.push(Part { at, name, value: value.into() });
        }
    }
}
