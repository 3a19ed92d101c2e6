//! What a broker asks of the active controller, and how it finds it again.
//!
//! In Kafka: `NodeToControllerChannelManager`, one per purpose: heartbeats, ISR changes, and requests
//! handed on for clients. Each has one request in flight; one that found no active controller goes
//! back to the head of its queue.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::ids::BrokerId;
use crate::node::{Channels, Completion, Failure, Outbox, Peer, Purpose, Timer, Why};
use crate::protocol::{ErrorCode, RequestBody, Response, ResponseBody};
use crate::sim::{Duration, Instant};

/// How long to wait before looking for a controller again.
const RETRY_BACKOFF: Duration = Duration::from_millis(100);

/// A request to the controller, with `T` saying what it is about.
#[derive(Clone, Debug)]
struct Item<T> {
    created: Instant,
    tag: T,
    api_version: i16,
    body: RequestBody,
}

/// What became of a request to the controller.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// The controller answered.
    Answered(Arc<Response>),
    /// No controller was found within the channel's retry time.
    TimedOut,
}

/// One purpose's queue.
#[derive(Clone, Debug)]
struct Queue<T> {
    items: VecDeque<Item<T>>,
    in_flight: Option<Item<T>>,
    /// The controller it talks to; none while it has to look again.
    controller: Option<BrokerId>,
    /// `controller.socket.timeout.ms`, at most the retry time.
    request_timeout: Duration,
    /// A request older than this is given up while no controller answers.
    retry_timeout: Duration,
}

/// The channels of one broker to the controller.
#[derive(Clone, Debug)]
pub(super) struct ToController<T> {
    queues: BTreeMap<Purpose, Queue<T>>,
}

impl<T: Clone> ToController<T> {
    /// The channels that Kafka's broker has, by purpose and retry time.
    pub(super) fn new(socket_timeout: Duration, heartbeat_interval: Duration) -> Self {
        let queue = |retry_timeout: Duration| Queue {
            items: VecDeque::new(),
            in_flight: None,
            controller: None,
            request_timeout: socket_timeout.min(retry_timeout),
            retry_timeout,
        };
        let queues = [
            (Purpose::Heartbeat, queue(heartbeat_interval)),
            (Purpose::AlterPartition, queue(Duration::MAX)),
            (Purpose::Forwarding, queue(Duration::from_secs(60))),
        ];
        Self { queues: queues.into_iter().collect() }
    }

    /// Queues a request; it leaves at once if nothing is before it and a controller is known.
    pub(super) fn send(
        &mut self,
        purpose: Purpose,
        tag: T,
        (api_version, body): (i16, RequestBody),
        active: Option<BrokerId>,
        channels: &mut Channels<T>,
        out: &mut Outbox,
    ) {
        let queue = self.queues.get_mut(&purpose).expect("every purpose has a queue");
        queue.items.push_back(Item { created: out.now, tag, api_version, body });
        queue.drain(purpose, active, channels, out);
    }

    /// Takes the end of a request. Returns what became of it, unless it is tried again.
    pub(super) fn on_completion(
        &mut self,
        completion: Completion<T>,
        active: Option<BrokerId>,
        channels: &mut Channels<T>,
        out: &mut Outbox,
    ) -> Vec<(T, Outcome)> {
        let purpose = completion.peer.purpose;
        let queue = self.queues.get_mut(&purpose).expect("every purpose has a queue");
        let mut ended = Vec::new();
        match completion.result {
            Ok(response) if !is_not_controller(&response.body) => {
                let item = queue.in_flight.take().expect("only a request in flight is answered");
                ended.push((item.tag, Outcome::Answered(response)));
            }
            refused => {
                if refused.is_ok() {
                    // Whoever answered is no controller: look for the next one from scratch.
                    channels.close(completion.peer, out);
                }
                queue.controller = None;
                queue.items.extend(queue.in_flight.take());
                queue.items.rotate_right(1.min(queue.items.len()));
            }
        }
        ended.extend(queue.expire(out.now));
        queue.drain(purpose, active, channels, out);
        ended
    }

    /// The timer that looks for a controller came up.
    pub(super) fn on_timer(
        &mut self,
        purpose: Purpose,
        active: Option<BrokerId>,
        channels: &mut Channels<T>,
        out: &mut Outbox,
    ) -> Vec<(T, Outcome)> {
        let queue = self.queues.get_mut(&purpose).expect("every purpose has a queue");
        let ended = queue.expire(out.now);
        queue.drain(purpose, active, channels, out);
        ended
    }
}

impl<T: Clone> Queue<T> {
    /// Gives up what waited too long for a controller.
    fn expire(&mut self, now: Instant) -> Vec<(T, Outcome)> {
        let mut ended = Vec::new();
        let retry_timeout = self.retry_timeout;
        self.items.retain(|item| {
            let expired = now.since(item.created) >= retry_timeout;
            if expired {
                ended.push((item.tag.clone(), Outcome::TimedOut));
            }
            !expired
        });
        ended
    }

    fn drain(
        &mut self,
        purpose: Purpose,
        active: Option<BrokerId>,
        channels: &mut Channels<T>,
        out: &mut Outbox,
    ) {
        if self.in_flight.is_some() || self.items.is_empty() {
            return;
        }
        let known = *self.controller.get_or_insert_with(|| active.unwrap_or(BrokerId(-1)));
        if known == BrokerId(-1) || channels.is_backing_off(Peer::new(known, purpose), out.now) {
            if known == BrokerId(-1) {
                self.controller = None;
            }
            let why = Why::Rule("the channel to the controller tries again every 100 ms");
            out.set_timer(Timer::ControllerChannel(purpose), out.now + RETRY_BACKOFF, why);
            return;
        }
        let Some(item) = self.items.pop_front() else { return };
        let (peer, tag) = (Peer::new(known, purpose), item.tag.clone());
        let (version, body) = (item.api_version, item.body.clone());
        self.in_flight = Some(item);
        channels.send_within(peer, tag, version, body, self.request_timeout, out);
    }
}

/// True for an answer of somebody who is not the active controller.
fn is_not_controller(body: &ResponseBody) -> bool {
    let not = ErrorCode::NotController.code();
    match body {
        ResponseBody::BrokerRegistration(answer) => answer.error_code == not,
        ResponseBody::BrokerHeartbeat(answer) => answer.error_code == not,
        ResponseBody::AlterPartition(answer) => answer.error_code == not,
        ResponseBody::AllocateProducerIds(answer) => answer.error_code == not,
        ResponseBody::CreateTopics(answer) => {
            answer.topics.iter().any(|topic| topic.error_code == not)
        }
        ResponseBody::DeleteTopics(answer) => {
            answer.responses.iter().any(|topic| topic.error_code == not)
        }
        ResponseBody::CreatePartitions(answer) => {
            answer.results.iter().any(|topic| topic.error_code == not)
        }
        ResponseBody::ElectLeaders(answer) => answer.error_code == not,
        ResponseBody::AlterPartitionReassignments(answer) => answer.error_code == not,
        ResponseBody::ListPartitionReassignments(answer) => answer.error_code == not,
        ResponseBody::IncrementalAlterConfigs(answer) => {
            answer.responses.iter().any(|resource| resource.error_code == not)
        }
        _ => false,
    }
}

/// For completions of other channels: never a controller's.
impl Outcome {
    /// The answer, if there is one.
    pub(super) fn answer(self) -> Result<Arc<Response>, Failure> {
        match self {
            Self::Answered(response) => Ok(response),
            Self::TimedOut => Err(Failure::TimedOut),
        }
    }
}
