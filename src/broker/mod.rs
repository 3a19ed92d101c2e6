//! A broker: the node that holds replicas, serves clients and followers, and follows the controller.
//!
//! In Kafka: `BrokerServer`, `KafkaApis`, `ReplicaManager`. A request comes in by [`Broker::on_request`]
//! and is handled in the file of its kind below `api/`; what it changes in a replica is decided in
//! `replica/`; what waits, waits in a purgatory here.

mod alter_partition;
mod api;
mod background;
mod boot;
mod costs;
mod features;
mod lifecycle;
mod metadata;
mod purgatories;
mod replicas;
mod replication;
mod to_controller;

use std::collections::BTreeMap;
use std::sync::Arc;

use alter_partition::AlterPartitionQueue;
use api::auto_create::AutoCreate;
use api::init_producer_id::ProducerIds;
pub use boot::BrokerSpec;
pub use costs::Costs;
pub use lifecycle::BrokerState;
use lifecycle::{Lifecycle, Next};
use purgatories::{DelayedFetch, DelayedProduce, WaitingFetch};
pub use replicas::Replicas;
use to_controller::ToController;

use crate::config::BrokerConfig;
use crate::coordinator::group::GroupCoordinator;
use crate::ids::{BrokerEpoch, BrokerId, Offset, TopicPartition};
use crate::log::Disk;
use crate::metadata::{ClusterImage, MetadataDelta};
use crate::node::{
    Channels, Completion, ConnectionId, Disconnect, Outbox, Purpose, ReplyTo, Timer,
};
use crate::protocol::{Request, RequestBody, Response};
use crate::replica::{FetchSessions, Liveness, Purgatory, Surroundings};
use crate::sim::Instant;
use crate::sim::rng::Stream;

/// What a request of this broker to another server is about.
#[derive(Clone, Debug)]
enum Tag {
    /// A registration or a heartbeat.
    Lifecycle,
    /// ISR changes.
    AlterPartition,
    /// A block of producer ids.
    ProducerIds,
    /// Topics that a client's request is to create.
    AutoCreate,
    /// A client's request, handed on to the controller.
    Forward(ReplyTo),
    /// A fetch from a leader.
    Fetch,
    /// Where a leader's log ends (`latest`) or begins, for the replica in `slot`.
    LeaderOffset { slot: u32, latest: bool },
}

/// A running broker.
#[derive(Clone, Debug)]
pub struct Broker {
    id: BrokerId,
    config: Arc<BrokerConfig>,
    costs: Costs,
    /// So many bytes it copied on their way to readers, because sendfile could not be used.
    copied: u64,
    /// The metadata log as far as it was applied.
    image: ClusterImage,
    metadata_offset: Option<Offset>,
    /// What a transaction of records has changed so far, and the image before it.
    unpublished: Option<Box<(ClusterImage, MetadataDelta)>>,
    /// True once replicas follow the image: a starting broker catches up first.
    published: bool,
    /// The active controller, as the quorum says.
    active_controller: Option<BrokerId>,
    lifecycle: Lifecycle,
    replicas: Replicas,
    channels: Channels<Tag>,
    to_controller: ToController<Tag>,
    isr_changes: AlterPartitionQueue,
    sessions: FetchSessions,
    produces: Purgatory<DelayedProduce>,
    fetches: Purgatory<DelayedFetch>,
    /// Lists for the next fetches: a follower's name many partitions.
    spare_fetches: Vec<Vec<WaitingFetch>>,
    coordinator: GroupCoordinator,
    producer_ids: ProducerIds,
    auto_create: AutoCreate,
    /// The high watermarks that the last process wrote down.
    high_watermarks: BTreeMap<TopicPartition, Offset>,
    /// When it looks for the first time for logs to flush (`flush.ms`).
    flusher_starts: Instant,
    chance: Stream,
}

impl Broker {
    /// Its id.
    pub fn id(&self) -> BrokerId {
        self.id
    }

    /// Its settings.
    pub fn config(&self) -> &BrokerConfig {
        &self.config
    }

    /// So many bytes it copied on their way to readers, because sendfile could not be used.
    pub const fn copied(&self) -> u64 {
        self.copied
    }

    /// Where it is in its life.
    pub fn state(&self) -> BrokerState {
        self.lifecycle.state
    }

    /// The epoch of its registration.
    pub fn epoch(&self) -> Option<BrokerEpoch> {
        self.lifecycle.broker_epoch
    }

    /// The cluster as it knows it.
    pub fn image(&self) -> &ClusterImage {
        &self.image
    }

    /// The last offset of the metadata log that it applied.
    pub fn metadata_offset(&self) -> Option<Offset> {
        self.metadata_offset
    }

    /// Its replicas.
    pub fn replicas(&self) -> &Replicas {
        &self.replicas
    }

    /// Its group coordinator.
    pub fn coordinator(&self) -> &GroupCoordinator {
        &self.coordinator
    }

    /// How many produce requests and how many fetches wait.
    pub fn waiting(&self) -> (usize, usize) {
        (self.produces.len(), self.fetches.len())
    }

    /// The quorum has this leader now.
    pub fn set_active_controller(&mut self, controller: Option<BrokerId>) {
        self.active_controller = controller;
    }

    /// A request came.
    pub fn on_request(
        &mut self,
        from: ReplyTo,
        request: &Arc<Request>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        out.spend(self.costs.request);
        match &request.body {
            RequestBody::Produce(produce) => {
                self.on_produce(from, (&request.client_id, produce), disk, out);
            }
            RequestBody::Fetch(_) => self.on_fetch(from, request, disk, out),
            RequestBody::ListOffsets(body) => self.on_list_offsets(from, body, disk, out),
            RequestBody::Metadata(body) => self.on_metadata(from, body, out),
            RequestBody::OffsetForLeaderEpoch(body) => {
                self.on_offset_for_leader_epoch(from, body, out);
            }
            RequestBody::FindCoordinator(body) => self.on_find_coordinator(from, body, out),
            RequestBody::InitProducerId(body) => self.on_init_producer_id(from, body, out),
            RequestBody::ApiVersions(_) => api::api_versions::answer(from, out),
            RequestBody::JoinGroup(_)
            | RequestBody::SyncGroup(_)
            | RequestBody::Heartbeat(_)
            | RequestBody::LeaveGroup(_)
            | RequestBody::OffsetCommit(_)
            | RequestBody::OffsetFetch(_)
            | RequestBody::OffsetDelete(_)
            | RequestBody::DescribeGroups(_)
            | RequestBody::ListGroups(_)
            | RequestBody::DeleteGroups(_) => self.on_group_request(from, request, disk, out),
            _ => self.forward(from, request, out),
        }
    }

    /// Hands a request on to the controller; its answer comes back the same way.
    fn forward(&mut self, from: ReplyTo, request: &Arc<Request>, out: &mut Outbox) {
        let body = (request.api_version, request.body.clone());
        self.ask_controller(Purpose::Forwarding, Tag::Forward(from), body, out);
    }

    fn ask_controller(
        &mut self,
        purpose: Purpose,
        tag: Tag,
        body: (i16, RequestBody),
        out: &mut Outbox,
    ) {
        let active = self.active_controller;
        self.to_controller.send(purpose, tag, body, active, &mut self.channels, out);
    }

    /// True for a connection that this broker opened.
    pub fn owns(&self, connection: ConnectionId) -> bool {
        self.channels.peer(connection).is_some()
    }

    /// A connection of this broker is open.
    pub fn on_connected(&mut self, connection: ConnectionId, out: &mut Outbox) {
        self.channels.on_connected(connection, out);
    }

    /// A connection of this broker ended.
    pub fn on_disconnected(
        &mut self,
        connection: ConnectionId,
        how: Disconnect,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        for ended in self.channels.on_disconnected(connection, how, out) {
            self.on_completion(ended, disk, out);
        }
    }

    /// A response to a request of this broker came.
    pub fn on_response(
        &mut self,
        connection: ConnectionId,
        response: Arc<Response>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        if let Some(ended) = self.channels.on_response(connection, response, out) {
            self.on_completion(ended, disk, out);
        }
    }

    /// A request of this broker is answered, or failed.
    fn on_completion(&mut self, ended: Completion<Tag>, disk: &mut Disk, out: &mut Outbox) {
        match &ended.tag {
            Tag::Fetch => self.on_fetched(ended, disk, out),
            Tag::LeaderOffset { .. } => self.on_leader_offset(ended, disk, out),
            _ => {
                let active = self.active_controller;
                let channels = &mut self.channels;
                let outcomes = self.to_controller.on_completion(ended, active, channels, out);
                self.on_outcomes(outcomes, disk, out);
            }
        }
    }

    /// Requests to the controller came to their ends.
    fn on_outcomes(
        &mut self,
        outcomes: Vec<(Tag, to_controller::Outcome)>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        for (tag, outcome) in outcomes {
            match tag {
                Tag::Lifecycle => {
                    let next = self.lifecycle.on_outcome(outcome, out);
                    self.go_on(next, disk, out);
                }
                Tag::AlterPartition => self.on_isr_answers(outcome, disk, out),
                Tag::ProducerIds => self.on_producer_ids(outcome, out),
                Tag::AutoCreate => self.auto_create.on_outcome(&outcome),
                Tag::Forward(from) => api::forward::answer(from, outcome, out),
                Tag::Fetch | Tag::LeaderOffset { .. } => unreachable!("these ask leaders"),
            }
        }
    }

    /// Does what the lifecycle says comes next.
    fn go_on(&mut self, next: Next, disk: &mut Disk, out: &mut Outbox) {
        match next {
            Next::Nothing => {}
            Next::CaughtUp => self.open(disk, out),
            Next::ShutDown => self.close(disk, out),
        }
    }

    /// A timer of this broker is due.
    pub fn on_timer(&mut self, timer: Timer, disk: &mut Disk, out: &mut Outbox) {
        match timer {
            Timer::RequestTimeout(peer) => {
                for ended in self.channels.on_request_timer(peer, out) {
                    self.on_completion(ended, disk, out);
                }
            }
            Timer::Connect(peer) => {
                for ended in self.channels.on_connect_timer(peer, out) {
                    self.on_completion(ended, disk, out);
                }
            }
            Timer::ControllerChannel(purpose) => {
                let active = self.active_controller;
                let channels = &mut self.channels;
                let outcomes = self.to_controller.on_timer(purpose, active, channels, out);
                self.on_outcomes(outcomes, disk, out);
            }
            Timer::BrokerHeartbeat => {
                if let Some(body) = self.lifecycle.on_timer(self.metadata_offset) {
                    self.ask_controller(Purpose::Heartbeat, Tag::Lifecycle, body, out);
                }
            }
            Timer::AlterPartitionRetry => self.send_isr_changes(out),
            Timer::IsrExpiration => self.on_isr_expiration(out),
            Timer::FetcherBackoff(leader) => self.fetch_from(leader, out),
            Timer::ProducePurgatory(slot) => self.on_produce_expired(slot, out),
            Timer::FetchPurgatory(slot) => self.on_fetch_expired(slot, disk, out),
            Timer::GroupJoin(_)
            | Timer::GroupSync(_)
            | Timer::GroupMember(..)
            | Timer::CoordinatorLinger(_)
            | Timer::CoordinatorAppend(_)
            | Timer::GroupExpiry(_) => {
                self.coordinator.on_timer(timer, out);
                self.write_for_coordinator(disk, out);
            }
            _ => self.on_background_timer(timer, disk, out),
        }
    }

    /// `SIGTERM`.
    pub fn shut_down(&mut self, disk: &mut Disk, out: &mut Outbox) {
        let next = if self.config.controlled_shutdown_enable {
            self.lifecycle.begin_controlled_shutdown(out)
        } else {
            Next::ShutDown
        };
        self.go_on(next, disk, out);
    }
}

/// What a replica of the broker `local` needs to know of its broker and of the others.
fn around<'a>(
    local: BrokerId,
    lifecycle: &Lifecycle,
    config: &BrokerConfig,
    image: &'a ClusterImage,
) -> Surroundings<'a, ClusterImage> {
    Surroundings {
        local,
        local_epoch: lifecycle.broker_epoch.unwrap_or(BrokerEpoch(-1)),
        lag_max: config.replica_lag_time_max,
        liveness: image,
    }
}

impl Liveness for ClusterImage {
    fn is_fenced(&self, broker: BrokerId) -> bool {
        self.broker(broker).is_some_and(|registration| registration.fenced)
    }

    fn is_shutting_down(&self, broker: BrokerId) -> bool {
        self.broker(broker).is_some_and(|registration| registration.in_controlled_shutdown)
    }

    fn alive_broker_epoch(&self, broker: BrokerId) -> Option<BrokerEpoch> {
        let registration = self.broker(broker)?;
        (!registration.fenced).then_some(registration.epoch)
    }
}
