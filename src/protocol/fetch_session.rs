//! Fetch sessions on the asking side (KIP-227): followers and consumers.
//!
//! In Kafka: `FetchSessionHandler`. Who asks keeps track of what changed since it last asked.

use super::{ErrorCode, FetchResponse, SessionRef};

/// Where a fetcher is in its session with one broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchSession {
    next: SessionRef,
}

impl Default for FetchSession {
    fn default() -> Self {
        Self { next: SessionRef::INITIAL }
    }
}

impl FetchSession {
    /// How the next request names the session.
    pub fn next(&self) -> SessionRef {
        self.next
    }

    /// True when the next request must name every partition.
    pub fn is_full(&self) -> bool {
        self.next.epoch <= 0
    }

    /// Takes a broker's answer. False if the session is over and the answer holds nothing.
    pub fn on_response(&mut self, response: &FetchResponse) -> bool {
        match response.error {
            ErrorCode::None => {
                self.next = if response.session_id == 0 {
                    SessionRef::INITIAL
                } else if self.is_full() {
                    SessionRef { id: response.session_id, epoch: 1 }
                } else {
                    let epoch = self.next.epoch.checked_add(1).unwrap_or(1);
                    SessionRef { epoch, ..self.next }
                };
                true
            }
            ErrorCode::FetchSessionIdNotFound => {
                self.next = SessionRef::INITIAL;
                false
            }
            _ => {
                self.restart();
                false
            }
        }
    }

    /// The next request ends the session.
    pub fn close(&mut self) {
        self.next.epoch = SessionRef::NONE.epoch;
    }

    /// No answer came: the broker shall drop the session, and a new one begins.
    pub fn restart(&mut self) {
        self.next.epoch = SessionRef::INITIAL.epoch;
    }
}
