//! What the parts of a consumer work with in one step.
//!
//! In Kafka: `ConsumerNetworkClient`, and what `ClassicKafkaConsumer` hands to its parts.

use std::collections::VecDeque;
use std::sync::Arc;

use super::commit::SentCommit;
use super::coordinator::Membership;
use super::partition::{FetchPosition, LeaderAndEpoch};
use super::personality::Personality;
use super::subscription::SubscriptionState;
use crate::client::NetworkClient;
use crate::config::{ConsumerConfig, OffsetReset};
use crate::ids::{BrokerId, TopicPartition};
use crate::node::{Completion, Outbox, Peer, Purpose};
use crate::protocol::RequestBody;
use crate::sim::{Duration, Instant};

/// What a consumer's request was about.
#[derive(Clone, Debug)]
pub(super) enum Tag {
    FindCoordinator,
    JoinGroup(Membership),
    SyncGroup(Membership),
    Heartbeat(Membership),
    LeaveGroup,
    OffsetCommit(Arc<SentCommit>),
    /// With the number of the question: an answer to an older one is not looked at.
    OffsetFetch(u64),
    /// The resets that are asked about.
    ListOffsets(Arc<[(TopicPartition, OffsetReset)]>),
    /// The positions that are validated.
    EpochEnds(Arc<[(TopicPartition, FetchPosition)]>),
    Fetch,
    CloseSession,
}

/// One step of the consumer: its settings, its network, what it reads, and where effects go.
pub(super) struct Step<'a> {
    pub(super) config: &'a ConsumerConfig,
    pub(super) personality: Personality,
    pub(super) client: &'a mut NetworkClient<Tag>,
    pub(super) subscriptions: &'a mut SubscriptionState,
    /// Requests that ended with a connection that this consumer closed: still to be handled.
    pub(super) ended: &'a mut VecDeque<Completion<Tag>>,
    pub(super) out: &'a mut Outbox,
}

impl Step<'_> {
    pub(super) fn now(&self) -> Instant {
        self.out.now
    }

    /// The connection to `broker` for fetching and all else but its coordination.
    pub(super) const fn node(broker: BrokerId) -> Peer {
        Peer::new(broker, Purpose::Client)
    }

    /// True while `peer` was found unreachable and may not be tried again yet.
    pub(super) fn is_unavailable(&self, peer: Peer) -> bool {
        self.client.is_backing_off(peer, self.out.now)
    }

    pub(super) fn send(&mut self, peer: Peer, tag: Tag, version: i16, body: RequestBody) {
        self.client.send(peer, tag, version, body, self.out);
    }

    pub(super) fn send_within(
        &mut self,
        peer: Peer,
        tag: Tag,
        version: i16,
        body: RequestBody,
        timeout: Duration,
    ) {
        self.client.send_within(peer, tag, version, body, timeout, self.out);
    }

    /// Closes the connection to `peer`; its requests end in this step.
    pub(super) fn disconnect(&mut self, peer: Peer) {
        let ended = self.client.close(peer, self.out);
        self.ended.extend(ended);
    }

    /// Asks for new metadata; `reset` where something new is wanted, not something tried again.
    pub(super) fn request_metadata(&mut self, reset: bool) {
        self.client.metadata_mut().request_update(reset);
    }

    /// True while a request for metadata should leave before all others.
    pub(super) fn metadata_goes_first(&mut self) -> bool {
        self.client.metadata_mut().is_update_due(self.out.now)
    }

    /// Who leads `tp`, as far as metadata knows.
    pub(super) fn current_leader(&self, tp: &TopicPartition) -> LeaderAndEpoch {
        let (leader, epoch) = self.client.metadata().current_leader(tp);
        LeaderAndEpoch { leader, epoch }
    }
}
