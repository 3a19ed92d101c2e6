//! Finding the group's coordinator, and losing it.
//!
//! In Kafka: `AbstractCoordinator.ensureCoordinatorReady`, `lookupCoordinator`,
//! `markCoordinatorUnknown`.

use kafka_protocol::messages as kafka;

use super::coordinator::Coordinator;
use super::exception::Thrown;
use super::step::{Step, Tag};
use crate::fact::Fact;
use crate::ids::BrokerId;
use crate::node::{Failure, Peer, Purpose};
use crate::protocol::{ErrorCode, RequestBody, ResponseBody, convert};
use crate::sim::Instant;

const FIND_COORDINATOR_VERSION: i16 = 6;

/// Whether a call may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// One attempt (a timer of 0 ms).
    None,
    /// Until the end of the application's call.
    Call,
}

/// The search for the coordinator.
#[derive(Clone, Debug, Default)]
pub(super) struct Discovery {
    lookup: Lookup,
    pause: Option<Pause>,
    /// Failures during one call of the application.
    attempts: u32,
    /// The coordinator that was lost last.
    lost: Option<BrokerId>,
    /// The one that is known now was told of.
    is_told: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lookup {
    #[default]
    None,
    Asked,
    Found,
    Failed(ErrorCode),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pause {
    /// A back-off; then perhaps new metadata.
    Until(Instant, AndThen),
    /// Metadata newer than this version.
    Metadata(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AndThen {
    AwaitMetadata,
    AskAgain,
}

impl Discovery {
    /// When a back-off ends.
    pub(super) const fn wake_at(&self) -> Option<Instant> {
        match self.pause {
            Some(Pause::Until(at, _)) => Some(at),
            Some(Pause::Metadata(_)) | None => None,
        }
    }
}

impl Coordinator {
    /// The application calls anew: its call waits from the beginning.
    pub(super) fn begin_discovery(&mut self, step: &mut Step) {
        self.discovery.attempts = 0;
        self.discovery.pause = None;
        if let Lookup::Failed(_) = self.discovery.lookup {
            // The call before ended in its back-off.
            self.discovery.lookup = Lookup::None;
            step.request_metadata(false);
        }
    }

    /// The connection to the coordinator, which is its own.
    pub(super) fn peer(&self) -> Option<Peer> {
        self.node.map(|node| Peer::new(node, Purpose::Coordinator))
    }

    /// True if there is no coordinator, or no way to it.
    pub(super) fn coordinator_unknown(&mut self, step: &mut Step) -> bool {
        if let Some(peer) = self.peer()
            && step.is_unavailable(peer)
        {
            self.mark_coordinator_unknown(true, "coordinator unavailable", step);
        }
        self.node.is_none()
    }

    /// Makes sure that the coordinator is known. False if that takes longer.
    pub(super) fn ensure_ready(
        &mut self,
        patience: Patience,
        step: &mut Step,
    ) -> Result<bool, Thrown> {
        if !self.coordinator_unknown(step) && self.discovery.lookup != Lookup::Found {
            self.discovery.pause = None;
            return Ok(true);
        }
        loop {
            if patience == Patience::None {
                self.discovery.pause = None;
            }
            match self.discovery.pause {
                Some(Pause::Until(at, _)) if at > step.now() => return Ok(false),
                Some(Pause::Until(_, AndThen::AwaitMetadata)) => {
                    let version = step.client.metadata().update_version();
                    step.request_metadata(false);
                    self.discovery.pause = Some(Pause::Metadata(version));
                    continue;
                }
                Some(Pause::Metadata(version))
                    if step.client.metadata().update_version() == version =>
                {
                    return Ok(false);
                }
                Some(_) => {
                    self.discovery.pause = None;
                    self.discovery.lookup = Lookup::None;
                }
                None => {}
            }
            match self.discovery.lookup {
                Lookup::None => {
                    self.lookup_coordinator(step);
                    if self.discovery.lookup == Lookup::None {
                        return Ok(false);
                    }
                }
                Lookup::Asked => return Ok(false),
                Lookup::Found => {
                    self.discovery.lookup = Lookup::None;
                    if !self.coordinator_unknown(step) {
                        self.discovery.attempts = 0;
                        return Ok(true);
                    }
                    self.back_off(AndThen::AskAgain, step);
                }
                Lookup::Failed(error) if !error.is_retriable() => {
                    self.discovery.lookup = Lookup::None;
                    return Err(Thrown::of(error));
                }
                Lookup::Failed(_) if patience == Patience::None => {
                    self.discovery.lookup = Lookup::None;
                    step.request_metadata(false);
                    return Ok(false);
                }
                Lookup::Failed(_) => self.back_off(AndThen::AwaitMetadata, step),
            }
        }
    }

    fn back_off(&mut self, then: AndThen, step: &Step) {
        let wait = self.backoff.after(self.discovery.attempts, &mut self.chance);
        self.discovery.attempts += 1;
        self.discovery.pause = Some(Pause::Until(step.now() + wait, then));
    }

    /// Asks the least loaded broker, unless a question is on its way.
    pub(super) fn lookup_coordinator(&mut self, step: &mut Step) {
        if self.discovery.lookup != Lookup::None || step.metadata_goes_first() {
            return;
        }
        let Some(broker) = step.client.least_loaded(step.out.now) else {
            let error = ErrorCode::CoordinatorNotAvailable;
            self.discovery.lookup = Lookup::Failed(error);
            return self.on_lookup_completed(Some(error), step);
        };
        let request = kafka::FindCoordinatorRequest::default()
            .with_key_type(0)
            .with_coordinator_keys(vec![convert::text(&self.group)]);
        let body = RequestBody::FindCoordinator(Box::new(request));
        step.send(broker, Tag::FindCoordinator, FIND_COORDINATOR_VERSION, body);
        self.discovery.lookup = Lookup::Asked;
    }

    /// The heartbeat thread's attempt, while the application does not poll: every other time it
    /// only forgets the question before.
    pub(super) fn lookup_in_background(&mut self, step: &mut Step) {
        if self.discovery.lookup == Lookup::None {
            self.lookup_coordinator(step);
        } else {
            self.discovery.lookup = Lookup::None;
        }
    }

    /// The answer to `FindCoordinator`, or none.
    pub(super) fn on_find_coordinator(
        &mut self,
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let found = match answer {
            Ok(ResponseBody::FindCoordinator(answer)) => match answer.coordinators.as_slice() {
                [one] => match ErrorCode::from_code(one.error_code) {
                    ErrorCode::None => Ok(BrokerId(one.node_id.0)),
                    error => Err(error),
                },
                _ => Err(ErrorCode::UnknownServerError),
            },
            _ => Err(ErrorCode::NetworkException),
        };
        match found {
            Ok(broker) => {
                self.node = Some(broker);
                self.discovery.is_told = false;
                if self.discovery.lost == Some(broker) {
                    // A dead broker is named again and again, until there is another.
                    self.tell_found_if_connected(step);
                } else {
                    self.tell_found(step);
                }
                let peer = Peer::new(broker, Purpose::Coordinator);
                step.client.ready(peer, step.out);
                self.heartbeat.reset_session(step.now(), step.config);
                self.discovery.lookup = Lookup::Found;
            }
            Err(error) if self.discovery.lookup == Lookup::Asked => {
                self.discovery.lookup = Lookup::Failed(error);
            }
            // Nobody waits for this answer any more.
            Err(_) => {}
        }
        self.on_lookup_completed(found.err(), step);
    }

    /// There is a connection to the coordinator: so it is not a dead broker that was named.
    pub(super) fn tell_found_if_connected(&mut self, step: &mut Step) {
        if self.peer().is_some_and(|peer| step.client.is_connected(peer)) {
            self.tell_found(step);
        }
    }

    fn tell_found(&mut self, step: &mut Step) {
        if let Some(broker) = self.node.filter(|_| !self.discovery.is_told) {
            self.discovery.is_told = true;
            let group = &self.group;
            step.out.fact(|| Fact::CoordinatorFound { group: group.clone(), broker });
        }
    }

    /// The coordinator is not what it was thought to be, or not there.
    pub(super) fn mark_coordinator_unknown(
        &mut self,
        is_disconnected: bool,
        cause: &str,
        step: &mut Step,
    ) {
        let Some(broker) = self.node.take() else { return };
        self.discovery.lost = Some(broker);
        if self.discovery.is_told {
            let group = &self.group;
            step.out.fact(|| Fact::CoordinatorLost {
                group: group.clone(),
                broker,
                cause: cause.into(),
            });
        }
        if !is_disconnected {
            step.disconnect(Peer::new(broker, Purpose::Coordinator));
        }
    }

    pub(super) fn mark_coordinator_unknown_by(&mut self, error: ErrorCode, step: &mut Step) {
        self.mark_coordinator_unknown(false, &format!("error response {}", error.name()), step);
    }

    /// A request to the coordinator got no answer.
    pub(super) fn on_no_answer(&mut self, failure: Failure, step: &mut Step) {
        let cause = match failure {
            Failure::Disconnected => "disconnected",
            Failure::TimedOut => "timed out",
        };
        self.mark_coordinator_unknown(true, cause, step);
    }
}
