//! What a handler comes to: records to write, and what to answer once they are committed.
//!
//! In Kafka: `ControllerResult`.

use crate::fact::ElectionKind;
use crate::ids::BrokerId;
use crate::metadata::partition_change::PartitionChange;
use crate::protocol::MetadataRecord;

/// What is known about a record when it is made, and cannot be read off it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Its leader was chosen by this rule.
    Elected(ElectionKind),
    /// It fences a broker because that sent no heartbeat.
    SessionExpired,
    /// It registers a broker that did not shut down cleanly.
    UncleanShutdown,
}

/// Records to write, in order, and notes on some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// The records.
    pub records: Vec<MetadataRecord>,
    /// Notes, with the index of the record each is about, in that order.
    pub notes: Vec<(usize, Note)>,
}

impl Records {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// True when there is nothing to write.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Adds a record.
    pub fn push(&mut self, record: impl Into<MetadataRecord>) {
        self.records.push(record.into());
    }

    /// Adds a record with a note on it.
    pub fn push_noted(&mut self, record: impl Into<MetadataRecord>, note: Note) {
        self.notes.push((self.records.len(), note));
        self.push(record);
    }

    /// Adds a partition's change, if there is one.
    pub fn push_change(&mut self, change: Option<PartitionChange>) {
        match change {
            Some(PartitionChange { record, elected: Some(kind) }) => {
                self.push_noted(record, Note::Elected(kind));
            }
            Some(PartitionChange { record, elected: None }) => self.push(record),
            None => {}
        }
    }

    /// Adds all of `other`.
    pub fn append(&mut self, other: Self) {
        let offset = self.records.len();
        self.notes.extend(other.notes.into_iter().map(|(index, note)| (index + offset, note)));
        self.records.extend(other.records);
    }

    /// Takes all from `index` on.
    #[must_use]
    pub fn split_off(&mut self, index: usize) -> Self {
        let first = self.notes.partition_point(|(noted, _)| *noted < index);
        let notes = self.notes.split_off(first);
        Self {
            records: self.records.split_off(index),
            notes: notes.into_iter().map(|(noted, note)| (noted - index, note)).collect(),
        }
    }
}

/// What to do once the records have their offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    #[default]
    Nothing,
    /// The broker is shutting down, and may go when everybody has seen these records.
    ControlledShutdown(BrokerId),
}

/// What a handler comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome<T> {
    /// What to write.
    pub records: Records,
    /// What to answer when that is committed.
    pub response: T,
    /// True when the records go into one batch; else they may be split.
    pub atomic: bool,
    /// What to do once the records have their offsets.
    pub then: Then,
}

impl<T> Outcome<T> {
    /// Records that may be split over batches.
    pub const fn of(records: Records, response: T) -> Self {
        Self { records, response, atomic: false, then: Then::Nothing }
    }

    /// Records that count together or not at all.
    pub const fn atomic_of(records: Records, response: T) -> Self {
        Self { records, response, atomic: true, then: Then::Nothing }
    }

    /// The same with another response.
    pub fn map<U>(self, response: impl FnOnce(T) -> U) -> Outcome<U> {
        let Self { records, response: old, atomic, then } = self;
        Outcome { records, response: response(old), atomic, then }
    }

    /// The response alone, for a request that only wants to know.
    #[must_use]
    pub fn without_records(self) -> Self {
        Self { records: Records::default(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::metadata_record::NoOpRecord;

    #[test]
    fn notes_stay_with_their_records() {
        let mut records = Records::default();
        for index in 0..4 {
            if index % 2 == 0 {
                records.push(NoOpRecord {});
            } else {
                records.push_noted(NoOpRecord {}, Note::SessionExpired);
            }
        }
        let mut tail = records.split_off(2);
        assert_eq!(records.notes, [(1, Note::SessionExpired)]);
        assert_eq!(tail.notes, [(1, Note::SessionExpired)]);
        tail.append(records);
        assert_eq!(tail.notes, [(1, Note::SessionExpired), (3, Note::SessionExpired)]);
        assert_eq!(tail.len(), 4);
    }
}
