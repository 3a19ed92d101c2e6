//! One partition of `__consumer_offsets` and what is coordinated by it.
//!
//! In Kafka: `CoordinatorRuntime.CoordinatorContext`, `SnapshottableCoordinator`, `CoordinatorLoader`.

use std::collections::VecDeque;

use imbl::OrdMap;

use super::append::{Batch, Deferred, Event, Write, WriteRecord};
use crate::coordinator::offsets::Offsets;
use crate::ids::{Name, Offset, ProducerEpoch, ProducerId};
use crate::sim::Instant;

/// What a shard rebuilds from its log: which groups there are, and what they committed. A classic
/// group itself is soft state, and is looked up by its slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    pub(super) groups: OrdMap<Name, u32>,
    pub(super) offsets: Offsets,
}

/// A shard of the coordinator.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    pub(super) partition: i32,
    /// The leader epoch it was loaded in.
    pub(super) epoch: i32,
    /// False while it is being loaded.
    pub(super) active: bool,
    /// All that happened, also what is not yet written.
    pub(super) current: Timeline,
    /// The states at the offsets that batches end at: the first is committed, the last is written.
    snapshots: VecDeque<(Offset, Timeline)>,
    /// The offset that the next record gets, if nothing fails.
    pub(super) next_offset: Offset,
    batch: Option<Batch>,
    /// Batches that the log has not yet taken or refused.
    handed: VecDeque<Handed>,
    pub(super) deferred: Deferred,
    /// When the append timer is due.
    pub(super) append_timer: Option<Instant>,
    /// Slots of groups that may be free, once no state has the group any more.
    pub(super) retired: Vec<u32>,
}

/// A batch on its way to the log.
#[derive(Clone, Debug)]
struct Handed {
    end: Offset,
    events: Vec<Event>,
    after: Timeline,
}

impl Shard {
    /// A shard that is being loaded.
    pub(super) fn loading(partition: i32, epoch: i32) -> Self {
        Self {
            partition,
            epoch,
            active: false,
            current: Timeline::default(),
            snapshots: VecDeque::from([(Offset(0), Timeline::default())]),
            next_offset: Offset(0),
            batch: None,
            handed: VecDeque::new(),
            deferred: Deferred::default(),
            append_timer: None,
            retired: Vec::new(),
        }
    }

    /// The state that is committed: what a reader may see.
    pub(super) fn committed(&self) -> &Timeline {
        &self.snapshots.front().expect("there is always a committed state").1
    }

    fn written(&self) -> &(Offset, Timeline) {
        self.snapshots.back().expect("there is always a written state")
    }

    /// While loading: all records below `offset` were replayed.
    pub(super) fn loaded_up_to(&mut self, offset: Offset, high_watermark: Offset) {
        if offset <= high_watermark {
            self.snapshots.clear();
        }
        self.snapshots.push_back((offset, self.current.clone()));
        self.next_offset = offset;
    }

    /// True where everything is committed: then nobody has to wait.
    pub(super) fn is_settled(&self) -> bool {
        let committed = self.snapshots.front().expect("there is always a committed state").0;
        self.batch.is_none() && self.handed.is_empty() && committed == self.written().0
    }

    /// Lets somebody wait who has written nothing.
    pub(super) fn wait(&mut self, event: Event) {
        if let Some(batch) = &mut self.batch {
            batch.events.push(event);
        } else if let Some(handed) = self.handed.back_mut() {
            handed.events.push(event);
        } else {
            self.deferred.push(self.written().0, event);
        }
    }

    /// True where `records` fit into the open batch.
    pub(super) fn has_room_for(&self, records: &[WriteRecord], max_bytes: usize) -> bool {
        self.batch.as_ref().is_none_or(|batch| batch.has_room_for(records, max_bytes))
    }

    /// Puts a record into the open batch; true where that was opened for it.
    pub(super) fn gather(&mut self, record: WriteRecord) -> bool {
        let opened = self.batch.is_none();
        self.batch.get_or_insert_default().push(record);
        self.next_offset = self.next_offset.next();
        opened
    }

    /// Closes the open batch.
    pub(super) fn flush(&mut self, producer: Option<(ProducerId, ProducerEpoch)>) -> Option<Write> {
        let batch = self.batch.take().filter(|batch| batch.len() > 0)?;
        let (records, events) = batch.into_parts();
        self.handed.push_back(Handed {
            end: self.next_offset,
            events,
            after: self.current.clone(),
        });
        Some(Write { partition: self.partition, epoch: self.epoch, records, producer })
    }

    /// The log took the batch that was closed first, at `base_offset`. False where that is not the
    /// offset that was expected, and nothing changed here.
    pub(super) fn appended(&mut self, base_offset: Offset) -> bool {
        if base_offset != self.written().0 {
            return false;
        }
        let handed = self.handed.pop_front().expect("only what was handed out is appended");
        for event in handed.events {
            self.deferred.push(handed.end, event);
        }
        self.snapshots.push_back((handed.end, handed.after));
        true
    }

    /// The log refused a batch: everything after what is written is undone. Those who waited for it
    /// are returned, as are the groups that were made meanwhile.
    pub(super) fn revert(&mut self) -> Vec<Event> {
        let (offset, written) = self.written().clone();
        let undone = std::mem::replace(&mut self.current, written);
        self.next_offset = offset;
        let made =
            undone.groups.iter().filter(|(name, _)| !self.current.groups.contains_key(*name));
        self.retired.extend(made.map(|(_, slot)| *slot));
        let mut events: Vec<Event> =
            self.handed.drain(..).flat_map(|handed| handed.events).collect();
        events.extend(self.batch.take().into_iter().flat_map(|batch| batch.into_parts().1));
        events
    }

    /// Everything below `high_watermark` is committed: those who waited for that.
    pub(super) fn commit(&mut self, high_watermark: Offset) -> Vec<Event> {
        while self.snapshots.get(1).is_some_and(|(offset, _)| *offset <= high_watermark) {
            self.snapshots.pop_front();
        }
        self.deferred.up_to(high_watermark)
    }

    /// True where some state, committed or not, has the group in that slot.
    pub(super) fn knows(&self, group: &str, slot: u32) -> bool {
        let has = |timeline: &Timeline| timeline.groups.get(group) == Some(&slot);
        let handed = self.handed.iter().map(|handed| &handed.after);
        let snapshots = self.snapshots.iter().map(|(_, timeline)| timeline);
        handed.chain(snapshots).chain([&self.current]).any(has)
    }
}

/// Something in the log of a shard, as it is loaded.
#[derive(Clone, Debug)]
pub struct LoadedRecord {
    /// Its offset.
    pub offset: Offset,
    /// The producer of a transaction.
    pub producer: Option<ProducerId>,
    /// What it is.
    pub content: LoadedContent,
}

/// What a [`LoadedRecord`] is.
#[derive(Clone, Debug)]
pub enum LoadedContent {
    /// A record.
    Data {
        /// Its key.
        key: bytes::Bytes,
        /// Its value; none for a tombstone.
        value: Option<bytes::Bytes>,
    },
    /// The marker that ends a transaction.
    EndTransaction {
        /// True where it was committed.
        committed: bool,
    },
}
