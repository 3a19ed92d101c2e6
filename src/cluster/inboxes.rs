//! The request queues of a process's connections, by connection.

use std::collections::VecDeque;

use super::event::Queued;
use crate::node::Listener;
use crate::sim::{Instant, Lookup};

/// The queue of one connection on the side that answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    /// The listener that it came to.
    pub(super) listener: Listener,
    pub(super) queue: VecDeque<Queued>,
    /// A request is in process: the next one waits (the channel is muted).
    pub(super) busy: bool,
    /// The answer to the last one leaves then; the next one waits for that.
    pub(super) ready_at: Instant,
    /// The version of the request in process, which is that of its answer.
    pub(super) api_version: i16,
    /// The event that sent the request in process.
    pub(super) origin: u32,
    /// True while it stands in the queue of a lane.
    pub(super) waiting: bool,
}

impl Inbox {
    /// The queue of a connection to that listener.
    pub(super) fn at(listener: Listener) -> Self {
        Self { listener, ..Self::default() }
    }
}

/// All of them. Each message looks for one several times.
#[derive(Clone, Debug, Default)]
pub(super) struct Inboxes {
    places: Lookup<u32, usize>,
    inboxes: Vec<(u32, Inbox)>,
}

impl Inboxes {
    pub(super) fn contains(&self, connection: u32) -> bool {
        self.places.get(&connection).is_some()
    }

    pub(super) fn get(&self, connection: u32) -> Option<&Inbox> {
        Some(&self.inboxes[*self.places.get(&connection)?].1)
    }

    pub(super) fn get_mut(&mut self, connection: u32) -> Option<&mut Inbox> {
        Some(&mut self.inboxes[*self.places.get(&connection)?].1)
    }

    pub(super) fn insert(&mut self, connection: u32, inbox: Inbox) {
        assert!(!self.contains(connection), "a connection is opened once");
        self.places.insert(connection, self.inboxes.len());
        self.inboxes.push((connection, inbox));
    }

    pub(super) fn remove(&mut self, connection: u32) -> Option<Inbox> {
        let place = self.places.remove(&connection)?;
        let (_, removed) = self.inboxes.swap_remove(place);
        if let Some((moved, _)) = self.inboxes.get(place) {
            self.places.insert(*moved, place);
        }
        Some(removed)
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.inboxes.clear();
    }

    /// The connections, as they were opened.
    pub(super) fn connections(&self) -> Vec<u32> {
        let mut connections: Vec<u32> =
            self.inboxes.iter().map(|(connection, _)| *connection).collect();
        connections.sort_unstable();
        connections
    }

    /// The requests that wait in all of them.
    pub(super) fn requests(&self) -> impl Iterator<Item = &Queued> {
        self.inboxes.iter().flat_map(|(_, inbox)| &inbox.queue)
    }

    /// How many requests wait in all of them.
    pub(super) fn queued(&self) -> usize {
        self.inboxes.iter().map(|(_, inbox)| inbox.queue.len()).sum()
    }
}
