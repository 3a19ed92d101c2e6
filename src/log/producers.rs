//! The producers that a partition knows, found by id and kept in the order in which they came.

use std::sync::Arc;

use super::producer_entry::ProducerEntry;
use crate::ids::ProducerId;
use crate::sim::{CowList, Lookup};

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: ProducerId,
    /// When it was added: the order of keys in one bucket of a hash map.
    pub(super) added: u32,
    pub(super) entry: ProducerEntry,
}

/// All of them. Each append looks for its producers; that one is forgotten is rare.
#[derive(Clone, Debug, Default)]
pub(super) struct Producers {
    places: Arc<Lookup<ProducerId, u32>>,
    known: CowList<Known>,
}

impl Producers {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Where a producer is kept, until one is forgotten.
    pub(super) fn place(&self, id: ProducerId) -> Option<u32> {
        self.places.get(&id).copied()
    }

    /// The producer at a place.
    pub(super) fn at(&self, place: u32) -> &Known {
        &self.known[place as usize]
    }

    /// The producer at a place, for writing.
    pub(super) fn at_mut(&mut self, place: u32) -> &mut Known {
        &mut self.known[place as usize]
    }

    /// Adds a producer, in place of what was known of it.
    pub(super) fn insert(&mut self, known: Known) {
        if let Some(place) = self.place(known.id) {
            *self.at_mut(place) = known;
            return;
        }
        Arc::make_mut(&mut self.places).insert(known.id, self.known.len() as u32);
        self.known.push(known);
    }

    /// Keeps those that `keeps` says.
    pub(super) fn retain(&mut self, keeps: impl Fn(&Known) -> bool) {
        if self.known.iter().all(&keeps) {
            return;
        }
        let all = std::mem::take(self);
        for known in all.known.iter().filter(|known| keeps(known)) {
            self.insert(known.clone());
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Known> {
        self.known.iter()
    }
}
