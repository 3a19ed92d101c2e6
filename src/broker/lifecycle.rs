//! A broker's standing with the controller: registration, heartbeats, controlled shutdown.
//!
//! In Kafka: `BrokerLifecycleManager`; KIP-631. States: starting, recovering (it has caught up with
//! the metadata log), running (it is unfenced), shutting down in order, gone.

use kafka_protocol::messages::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
    BrokerRegistrationResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::to_controller::Outcome;
use crate::config::BrokerConfig;
use crate::ids::{BrokerEpoch, BrokerId, Name, Offset, Uuid};
use crate::node::{Outbox, Timer, Why};
use crate::protocol::{ErrorCode, RequestBody, ResponseBody};
use crate::sim::Duration;

/// Where a broker is in its life (`BrokerState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// It registers, and catches up with the metadata log.
    Starting,
    /// It has caught up, and opens its logs.
    Recovery,
    /// It is unfenced.
    Running,
    /// It asked to shut down, and waits until its leaderships have moved.
    PendingControlledShutdown,
    /// It closes its logs.
    ShuttingDown,
}

/// How long the next registration or heartbeat waits.
#[derive(Clone, Copy, Debug)]
enum Wait {
    /// Not at all (`scheduleNextCommunicationImmediately`), and why.
    None(Why),
    /// A moment that Kafka has no setting for, and why.
    Short(Duration, Why),
    /// `broker.heartbeat.interval.ms`.
    Interval,
}

const INTERVAL: Why = Why::Config("broker.heartbeat.interval.ms");
const REGISTERED: Why = Why::Rule("a broker that has registered sends a heartbeat");
const CATCHES_UP: Why = Why::Rule("a broker that catches up sends a heartbeat every 10 ms");
const LOGS_ARE_OPEN: Why = Why::Rule("a broker whose logs are open asks to be unfenced");
const WANTS_TO_SHUT_DOWN: Why = Why::Rule("a broker that is to stop tells the controller");
const SHUTS_DOWN: Why = Why::Rule("a broker that shuts down asks again after 50 ms");

/// What the broker has to do next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    /// Nothing.
    Nothing,
    /// It has caught up with the metadata log: open the logs, then say that it is ready.
    CaughtUp,
    /// The controller let it go: close the logs and exit.
    ShutDown,
}

/// A broker's standing with the controller.
#[derive(Clone, Debug)]
pub(super) struct Lifecycle {
    pub(super) state: BrokerState,
    /// The epoch of its registration.
    pub(super) broker_epoch: Option<BrokerEpoch>,
    id: BrokerId,
    incarnation: Uuid,
    directory: Uuid,
    cluster: Name,
    rack: Option<Name>,
    /// The epoch it had when it last shut down cleanly.
    previous_epoch: Option<BrokerEpoch>,
    heartbeat_interval: Duration,
    registered: bool,
    ready_to_unfence: bool,
    in_flight: bool,
    /// What asked for the heartbeat that the timer is set for, if one was asked for.
    asked_by: Option<Why>,
    /// The heartbeat after this one is due at once, because of that: it was asked for while this one
    /// was on its way.
    next_at_once: Option<Why>,
    heard_while_shutting_down: bool,
}

/// Who a broker is, for its registration.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) id: BrokerId,
    pub(super) incarnation: Uuid,
    pub(super) directory: Uuid,
    pub(super) cluster: Name,
    pub(super) rack: Option<Name>,
    pub(super) previous_epoch: Option<BrokerEpoch>,
}

impl Lifecycle {
    pub(super) fn new(identity: Identity, config: &BrokerConfig) -> Self {
        Self {
            state: BrokerState::Starting,
            broker_epoch: None,
            id: identity.id,
            incarnation: identity.incarnation,
            directory: identity.directory,
            cluster: identity.cluster,
            rack: identity.rack,
            previous_epoch: identity.previous_epoch,
            heartbeat_interval: config.broker_heartbeat_interval,
            registered: false,
            ready_to_unfence: false,
            in_flight: false,
            asked_by: None,
            next_at_once: None,
            heard_while_shutting_down: false,
        }
    }

    /// The cluster's id.
    pub(super) fn cluster(&self) -> &Name {
        &self.cluster
    }

    /// True from the moment it asked to shut down.
    pub(super) fn is_shutting_down(&self) -> bool {
        matches!(self.state, BrokerState::PendingControlledShutdown | BrokerState::ShuttingDown)
    }

    /// The logs are open: the next heartbeat asks to be unfenced.
    pub(super) fn set_ready_to_unfence(&mut self, out: &mut Outbox) {
        self.ready_to_unfence = true;
        self.schedule(Wait::None(LOGS_ARE_OPEN), out);
    }

    /// `SIGTERM`: asks the controller to move the leaderships away, if it is running. Returns what
    /// to do at once.
    pub(super) fn begin_controlled_shutdown(&mut self, out: &mut Outbox) -> Next {
        match self.state {
            BrokerState::Running => {
                self.state = BrokerState::PendingControlledShutdown;
                self.schedule(Wait::None(WANTS_TO_SHUT_DOWN), out);
                Next::Nothing
            }
            BrokerState::PendingControlledShutdown | BrokerState::ShuttingDown => Next::Nothing,
            BrokerState::Starting | BrokerState::Recovery => {
                self.state = BrokerState::ShuttingDown;
                Next::ShutDown
            }
        }
    }

    /// `Timer::BrokerHeartbeat`: what to send now.
    pub(super) fn on_timer(
        &mut self,
        metadata_offset: Option<Offset>,
    ) -> Option<(i16, RequestBody)> {
        if self.state == BrokerState::ShuttingDown {
            return None;
        }
        if self.in_flight {
            self.next_at_once = Some(self.asked_by.unwrap_or(INTERVAL));
            return None;
        }
        self.in_flight = true;
        Some(if self.registered { self.heartbeat(metadata_offset) } else { self.registration() })
    }

    fn registration(&self) -> (i16, RequestBody) {
        let text = |name: &Name| StrBytes::from_string(name.to_string());
        let listener = kafka_protocol::messages::broker_registration_request::Listener::default()
            .with_name(StrBytes::from_static_str("PLAINTEXT"))
            .with_host(StrBytes::from_string(format!("broker-{}", self.id)))
            .with_port(9092);
        let request = BrokerRegistrationRequest::default()
            .with_broker_id(self.id.0.into())
            .with_cluster_id(text(&self.cluster))
            .with_incarnation_id(self.incarnation.into())
            .with_listeners(vec![listener])
            .with_features(super::features::supported())
            .with_rack(self.rack.as_ref().map(text))
            .with_log_dirs(vec![self.directory.into()])
            .with_previous_broker_epoch(self.previous_epoch.map_or(-1, |epoch| epoch.0));
        (4, RequestBody::BrokerRegistration(Box::new(request)))
    }

    fn heartbeat(&self, metadata_offset: Option<Offset>) -> (i16, RequestBody) {
        let epoch = self.broker_epoch.expect("a registered broker has an epoch");
        let request = BrokerHeartbeatRequest::default()
            .with_broker_id(self.id.0.into())
            .with_broker_epoch(epoch.0)
            .with_current_metadata_offset(Offset::to_wire(metadata_offset))
            .with_want_fence(!self.ready_to_unfence)
            .with_want_shut_down(self.state == BrokerState::PendingControlledShutdown);
        (1, RequestBody::BrokerHeartbeat(Box::new(request)))
    }

    /// Takes the end of a registration or a heartbeat.
    pub(super) fn on_outcome(&mut self, outcome: Outcome, out: &mut Outbox) -> Next {
        self.in_flight = false;
        match outcome.answer().map(|response| response.body.clone()) {
            Ok(ResponseBody::BrokerRegistration(answer)) => self.on_registration(&answer, out),
            Ok(ResponseBody::BrokerHeartbeat(answer)) => return self.on_heartbeat(&answer, out),
            _ => self.schedule_after_failure(out),
        }
        Next::Nothing
    }

    fn on_registration(&mut self, answer: &BrokerRegistrationResponse, out: &mut Outbox) {
        if ErrorCode::from_code(answer.error_code).is_none() {
            self.broker_epoch = Some(BrokerEpoch(answer.broker_epoch));
            self.registered = true;
            self.schedule(Wait::None(REGISTERED), out);
        } else {
            self.schedule_after_failure(out);
        }
    }

    fn on_heartbeat(&mut self, answer: &BrokerHeartbeatResponse, out: &mut Outbox) -> Next {
        if !ErrorCode::from_code(answer.error_code).is_none() {
            self.schedule_after_failure(out);
            return Next::Nothing;
        }
        match self.state {
            BrokerState::Starting => {
                self.schedule(Wait::Short(Duration::from_millis(10), CATCHES_UP), out);
                if answer.is_caught_up {
                    self.state = BrokerState::Recovery;
                    return Next::CaughtUp;
                }
            }
            BrokerState::Recovery => {
                if !answer.is_fenced {
                    self.state = BrokerState::Running;
                }
                self.schedule(Wait::Interval, out);
            }
            BrokerState::Running => self.schedule(Wait::Interval, out),
            BrokerState::PendingControlledShutdown => {
                let first = !self.heard_while_shutting_down;
                self.heard_while_shutting_down = true;
                if answer.should_shut_down {
                    self.state = BrokerState::ShuttingDown;
                    return Next::ShutDown;
                }
                let soon = Wait::Short(Duration::from_millis(50), SHUTS_DOWN);
                self.schedule(if first { soon } else { Wait::Interval }, out);
            }
            BrokerState::ShuttingDown => {}
        }
        Next::Nothing
    }

    fn schedule_after_failure(&mut self, out: &mut Outbox) {
        self.next_at_once = None;
        self.schedule(Wait::Interval, out);
    }

    /// Sets the timer of the next registration or heartbeat.
    fn schedule(&mut self, wait: Wait, out: &mut Outbox) {
        self.asked_by = match wait {
            Wait::None(rule) => Some(rule),
            Wait::Short(..) | Wait::Interval => None,
        };
        let (wait, why) = match (self.next_at_once.take(), wait) {
            (Some(rule), _) | (None, Wait::None(rule)) => (Duration::ZERO, rule),
            (None, Wait::Short(wait, rule)) => (wait, rule),
            (None, Wait::Interval) => (self.heartbeat_interval, INTERVAL),
        };
        out.set_timer(Timer::BrokerHeartbeat, out.now + wait, why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Effect;
    use crate::protocol::Response;
    use std::sync::Arc;

    fn lifecycle() -> Lifecycle {
        let identity = Identity {
            id: BrokerId(1),
            incarnation: Uuid(1),
            directory: Uuid(2),
            cluster: "cluster".into(),
            rack: None,
            previous_epoch: None,
        };
        let mut lifecycle = Lifecycle::new(identity, &BrokerConfig::default());
        lifecycle.registered = true;
        lifecycle.broker_epoch = Some(BrokerEpoch(7));
        lifecycle.state = BrokerState::Running;
        lifecycle
    }

    fn answered() -> Outcome {
        let body = ResponseBody::BrokerHeartbeat(Box::default());
        Outcome::Answered(Arc::new(Response { correlation_id: 0, body }))
    }

    /// How long the heartbeat waits for which a timer was just set, and why.
    fn wait(out: &mut Outbox) -> (Duration, Why) {
        let now = out.now;
        match out.effects.pop() {
            Some(Effect::SetTimer(Timer::BrokerHeartbeat, at, why)) => (at.since(now), why),
            other => panic!("no timer: {other:?}"),
        }
    }

    #[test]
    fn heartbeats_come_every_interval() {
        let (mut lifecycle, mut out) = (lifecycle(), Outbox::default());
        assert!(lifecycle.on_timer(None).is_some());
        lifecycle.on_outcome(answered(), &mut out);
        assert_eq!(wait(&mut out), (Duration::from_secs(2), INTERVAL));
    }

    #[test]
    fn a_broker_that_is_to_stop_says_so_at_once() {
        let (mut lifecycle, mut out) = (lifecycle(), Outbox::default());
        lifecycle.begin_controlled_shutdown(&mut out);
        assert_eq!(wait(&mut out), (Duration::ZERO, WANTS_TO_SHUT_DOWN));
        assert!(lifecycle.on_timer(None).is_some());
        lifecycle.on_outcome(answered(), &mut out);
        assert_eq!(wait(&mut out), (Duration::from_millis(50), SHUTS_DOWN));
        assert!(lifecycle.on_timer(None).is_some());
        lifecycle.on_outcome(answered(), &mut out);
        assert_eq!(wait(&mut out), (Duration::from_secs(2), INTERVAL));
    }

    #[test]
    fn it_says_so_after_the_heartbeat_that_is_on_its_way() {
        let (mut lifecycle, mut out) = (lifecycle(), Outbox::default());
        assert!(lifecycle.on_timer(None).is_some());
        lifecycle.begin_controlled_shutdown(&mut out);
        assert_eq!(wait(&mut out), (Duration::ZERO, WANTS_TO_SHUT_DOWN));
        assert_eq!(lifecycle.on_timer(None), None, "one at a time");
        lifecycle.on_outcome(answered(), &mut out);
        assert_eq!(wait(&mut out), (Duration::ZERO, WANTS_TO_SHUT_DOWN));
    }
}
