//! The heartbeat thread: while the application is busy, it alone shows that the member lives, and it
//! leaves the group when the application stays away for too long.
//!
//! In Kafka: `Heartbeat`, `AbstractCoordinator.HeartbeatThread`, `BaseHeartbeatThread` (KIP-62). The
//! thread looks round every `retry.backoff.ms`; here it acts at the exact moment.

use kafka_protocol::messages as kafka;

use super::coordinator::{Coordinator, MemberState, Membership};
use super::exception::Thrown;
use super::step::{Step, Tag};
use crate::config::ConsumerConfig;
use crate::fact::Fact;
use crate::node::{Failure, Why};
use crate::protocol::{ErrorCode, RequestBody, ResponseBody, convert};
use crate::sim::Instant;

const HEARTBEAT_VERSION: i16 = 4;

/// The state of the thread. It runs from the answer to `JoinGroup` until the member is none any
/// more.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Thread {
    NotStarted,
    Disabled,
    Enabled,
    /// What it died of is told to the application at its next poll.
    Failed(Thrown),
    Closed,
}

/// When heartbeats are due, and what else the heartbeat thread watches.
#[derive(Clone, Debug)]
pub(super) struct Heartbeat {
    thread: Thread,
    /// The next heartbeat.
    next_at: Instant,
    /// The coordinator counts as lost without an answer until then.
    session_at: Instant,
    /// The application counts as stuck without a poll until then.
    poll_at: Instant,
    /// The next attempt to find the coordinator.
    lookup_at: Instant,
    failures: u32,
}

impl Heartbeat {
    pub(super) fn new(config: &ConsumerConfig, now: Instant) -> Self {
        Self {
            thread: Thread::NotStarted,
            next_at: now + config.heartbeat_interval,
            session_at: now + config.session_timeout,
            poll_at: now + config.max_poll_interval,
            lookup_at: now,
            failures: 0,
        }
    }

    pub(super) fn start_thread(&mut self) {
        if self.thread == Thread::NotStarted {
            self.thread = Thread::Disabled;
        }
    }

    /// The member has joined: all times begin anew.
    pub(super) fn enable_thread(&mut self, step: &Step) {
        if self.thread == Thread::Disabled {
            self.thread = Thread::Enabled;
        }
        let now = step.now();
        self.session_at = now + step.config.session_timeout;
        self.poll_at = now + step.config.max_poll_interval;
        self.next_at = now + step.config.heartbeat_interval;
    }

    pub(super) fn close_thread(&mut self) {
        self.thread = Thread::Closed;
    }

    pub(super) fn reset_session(&mut self, at: Instant, config: &ConsumerConfig) {
        self.session_at = at + config.session_timeout;
    }

    /// The application last called `poll` at that moment, if it has not done so since.
    pub(super) fn polled_at(&mut self, at: Instant, config: &ConsumerConfig) {
        self.poll_at = self.poll_at.max(at + config.max_poll_interval);
    }

    /// When the application is taken for stuck unless it polls.
    pub(super) const fn poll_at(&self) -> Instant {
        self.poll_at
    }
}

impl Coordinator {
    /// The application polls. It is told what the heartbeat thread died of.
    pub(super) fn poll_heartbeat(&mut self, step: &Step) -> Result<(), Thrown> {
        if let Thread::Failed(thrown) = &self.heartbeat.thread {
            let thrown = thrown.clone();
            // The next poll starts another thread.
            self.heartbeat.thread = Thread::NotStarted;
            return Err(thrown);
        }
        self.heartbeat.poll_at = step.now() + step.config.max_poll_interval;
        Ok(())
    }

    /// True while the heartbeat thread serves the network, whatever the application does.
    pub(super) fn has_running_thread(&self) -> bool {
        self.heartbeat.thread == Thread::Enabled && !self.state.has_not_joined()
    }

    /// What the heartbeat thread does now. While the application is `polling`, that looks for the
    /// coordinator itself.
    pub(super) fn run_heartbeat_thread(&mut self, polling: bool, step: &mut Step) {
        while self.heartbeat.thread == Thread::Enabled {
            if self.state.has_not_joined() {
                self.heartbeat.thread = Thread::Disabled;
                return;
            }
            let now = step.now();
            if self.coordinator_unknown(step) {
                if !polling && self.heartbeat.lookup_at <= now {
                    self.heartbeat.lookup_at = now + step.config.retry_backoff;
                    self.lookup_in_background(step);
                }
                return;
            }
            if self.heartbeat.session_at <= now {
                let cause = "session timed out without receiving a heartbeat response";
                self.mark_coordinator_unknown(false, cause, step);
            } else if self.heartbeat.poll_at <= now && !step.personality.has_workers() {
                let group = &self.group;
                step.out.fact(|| Fact::PollIntervalExceeded { group: group.clone() });
                self.maybe_leave_group("consumer poll timeout has expired.", step);
            } else if self.heartbeat.next_at <= now {
                self.send_heartbeat(step);
            } else {
                return;
            }
        }
    }

    /// When the heartbeat thread has something to do next, and why then.
    pub(super) fn heartbeat_due_at(&self, polling: bool) -> Option<(Instant, Why)> {
        let Heartbeat { next_at, session_at, lookup_at, .. } = self.heartbeat;
        if !self.has_running_thread() {
            None
        } else if self.node.is_none() {
            (!polling).then_some((lookup_at, Why::Config("retry.backoff.ms")))
        } else if session_at < next_at {
            Some((session_at, Why::Config("session.timeout.ms")))
        } else {
            Some((next_at, Why::Config("heartbeat.interval.ms")))
        }
    }

    fn send_heartbeat(&mut self, step: &mut Step) {
        let peer = self.peer().expect("the coordinator is known");
        self.heartbeat.next_at = step.now() + step.config.heartbeat_interval;
        let membership = &self.membership;
        let request = kafka::HeartbeatRequest::default()
            .with_group_id(kafka::GroupId(convert::text(&self.group)))
            .with_generation_id(membership.generation_id())
            .with_member_id(convert::text(&membership.member_id))
            .with_group_instance_id(step.config.group_instance_id.as_deref().map(convert::text));
        let tag = Tag::Heartbeat(membership.clone());
        step.send(peer, tag, HEARTBEAT_VERSION, RequestBody::Heartbeat(Box::new(request)));
    }

    /// The answer to a heartbeat, or none.
    pub(super) fn on_heartbeat(
        &mut self,
        sent: &Membership,
        answer: Result<&ResponseBody, Failure>,
        step: &mut Step,
    ) {
        let error = match answer {
            Ok(ResponseBody::Heartbeat(answer)) => ErrorCode::from_code(answer.error_code),
            Ok(other) => unreachable!("{:?} answers Heartbeat", other.api()),
            Err(failure) => {
                self.on_no_answer(failure, step);
                return self.fail_heartbeat(step);
            }
        };
        match error {
            ErrorCode::None => self.receive_heartbeat(step),
            ErrorCode::RebalanceInProgress => {
                if self.state == MemberState::Stable {
                    self.request_rejoin("group is already rebalancing");
                }
                // The coordinator keeps the member all the same.
                self.receive_heartbeat(step);
            }
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
                self.mark_coordinator_unknown_by(error, step);
                self.fail_heartbeat(step);
            }
            ErrorCode::IllegalGeneration
            | ErrorCode::UnknownMemberId
            | ErrorCode::FencedInstanceId => {
                if self.membership != *sent {
                    // It was about an earlier generation.
                    return self.receive_heartbeat(step);
                }
                self.reset_on_error("HEARTBEAT", error);
                let personality = step.personality;
                if let Some(backoff) = personality.join_backoff
                    && error == ErrorCode::UnknownMemberId
                    && !personality.joins_at_once.contains(&error)
                {
                    // It tries to join as the member that it was, is refused, and waits.
                    self.join_not_before = step.now() + backoff;
                }
                if error == ErrorCode::FencedInstanceId {
                    self.heartbeat.thread = Thread::Failed(Thrown::of(error));
                } else {
                    self.fail_heartbeat(step);
                }
            }
            _ => self.fail_heartbeat(step),
        }
    }

    fn receive_heartbeat(&mut self, step: &Step) {
        self.heartbeat.failures = 0;
        self.heartbeat.reset_session(step.now(), step.config);
    }

    fn fail_heartbeat(&mut self, step: &Step) {
        let wait = self.backoff.after(self.heartbeat.failures, &mut self.chance);
        self.heartbeat.failures += 1;
        self.heartbeat.next_at = step.now() + wait;
    }
}
