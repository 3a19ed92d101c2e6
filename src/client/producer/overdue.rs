//! Requests without an answer: the sender notices them when it is awake, not when their time is up.
//!
//! In Kafka: `NetworkClient.handleTimedOutRequests`, which the sender's thread reaches at the end of
//! `poll`. That sleeps until an answer comes, a batch is begun or full, one may be sent or has
//! waited for too long, metadata is due, or `request.timeout.ms` have passed.

use smallvec::SmallVec;

use super::Producer;
use super::idempotence::State;
use crate::node::{Outbox, Peer};
use crate::sim::{Duration, Instant};

/// What the sender will find when it wakes.
#[derive(Clone, Debug, Default)]
pub(super) struct Overdue {
    /// Whom requests have waited for too long.
    peers: SmallVec<[Peer; 1]>,
    /// When the sender went to sleep.
    asleep_since: Instant,
}

impl Overdue {
    /// The sender goes to sleep.
    pub(super) const fn sleep(&mut self, now: Instant) {
        self.asleep_since = now;
    }

    /// When the sender wakes if nothing wakes it before, for requests that wait too long.
    pub(super) fn wakes_at(&self, request_timeout: Duration) -> Option<Instant> {
        // A request is overdue when more than the time allowed has passed, in whole milliseconds.
        let at = self.asleep_since + request_timeout + Duration::from_millis(1);
        (!self.peers.is_empty()).then_some(at)
    }
}

impl Producer {
    /// The oldest request to `peer` has had its time; true if the sender sees that at once.
    pub(super) fn note_overdue(&mut self, peer: Peer) -> bool {
        if !self.overdue.peers.contains(&peer) {
            self.overdue.peers.push(peer);
        }
        // Until it has a producer id it polls every `retry.backoff.ms`.
        self.idempotence.as_ref().is_some_and(|one| matches!(one.state, State::Initializing))
    }

    /// The sender is awake: connections on which a request is overdue are closed.
    pub(super) fn expire_requests(&mut self, out: &mut Outbox) {
        if self.overdue.peers.is_empty() {
            return;
        }
        for peer in std::mem::take(&mut self.overdue.peers) {
            for done in self.network.expire_overdue(peer, out) {
                self.on_completion(done, out);
            }
        }
    }
}
