//! The metadata quorum (KRaft): who leads it, its log, and how the log reaches everybody.
//!
//! In Kafka: `KafkaRaftClient`, `QuorumState`; KIP-595. Here a quorum has one voter so far: it leads
//! from its start on, and what it has flushed is committed. All others are observers: they fetch
//! the log from the leader. Elections among several voters, snapshots and voter changes have their
//! place in `Role` and are left out.

mod leader;
mod observer;
mod quorum_state;

use std::sync::Arc;

use leader::Leader;
use observer::Observer;

use crate::ids::{BrokerId, ControllerEpoch, LeaderEpoch, Offset, PartitionIndex, Uuid};
use crate::log::{Disk, Log, LogHome};
use crate::node::{ChannelConfig, Channels, Completion, ConnectionId, Disconnect, Outbox};
use crate::node::{Peer, Timer};
use crate::protocol::{Batch, MetadataRecord, Response};
use crate::sim::Duration;
use crate::sim::rng::Stream;

/// The topic of the metadata log.
pub const METADATA_TOPIC: &str = "__cluster_metadata";
/// Its id, the same in every cluster.
pub const METADATA_TOPIC_ID: Uuid = Uuid(1);

/// The settings of a member of the quorum.
#[derive(Clone, Debug)]
pub struct RaftConfig {
    /// The voters: `controller.quorum.voters`.
    pub voters: Vec<BrokerId>,
    /// `controller.quorum.fetch.timeout.ms`.
    pub fetch_timeout: Duration,
    /// `controller.quorum.request.timeout.ms`.
    pub request_timeout: Duration,
    /// `controller.quorum.retry.backoff.ms`.
    pub retry_backoff: Duration,
}

/// What a member does in the quorum.
#[derive(Clone, Debug)]
enum Role {
    /// It leads: it appends, and answers those who fetch.
    Leader(Leader),
    /// It has no vote and fetches.
    Observer(Observer),
}

/// What a request to another member was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    /// A fetch of the epoch and from the offset that its sender had then.
    Fetch { epoch: ControllerEpoch, offset: Offset },
}

/// Committed records of one batch.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The offset of the first record.
    pub base_offset: Offset,
    /// The epoch of the controller that wrote them.
    pub epoch: ControllerEpoch,
    /// The records; none for a control batch.
    pub records: Arc<[MetadataRecord]>,
}

impl Committed {
    /// The offset after the last record; a control batch takes one.
    pub fn next_offset(&self) -> Offset {
        self.base_offset.plus(self.records.len().max(1) as u64)
    }
}

/// A member of the metadata quorum.
#[derive(Clone, Debug)]
pub struct Raft {
    id: BrokerId,
    config: RaftConfig,
    log: Log,
    epoch: ControllerEpoch,
    leader: Option<BrokerId>,
    high_watermark: Offset,
    /// What lies before has been handed to the listeners.
    delivered: Offset,
    role: Role,
    channels: Channels<Tag>,
    chance: Stream,
}

impl Raft {
    /// Starts on the log that the last process left behind. A voter leads at once.
    pub fn boot(
        id: BrokerId,
        seed: u64,
        config: RaftConfig,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Self {
        let home = Arc::new(LogHome::new("", METADATA_TOPIC, METADATA_TOPIC_ID));
        let start = (Offset(0), Offset(0));
        let loaded = Log::load(disk, home, PartitionIndex(0), false, start, out);
        let mut log = loaded.log;
        log.materialize(disk);
        let (epoch, leader) = quorum_state::read(disk, &log).unwrap_or_default();
        let mut channels = ChannelConfig::new(format!("raft-client-{id}"));
        channels.request_timeout = config.request_timeout;
        channels.request_timeout_key = "controller.quorum.request.timeout.ms";
        let mut raft = Self {
            id,
            log,
            epoch,
            leader,
            high_watermark: Offset(0),
            delivered: Offset(0),
            role: Role::Observer(Observer::default()),
            channels: Channels::new(channels, Stream::new(seed, &format!("{id}/raft/channels"))),
            chance: Stream::new(seed, &format!("{id}/raft")),
            config,
        };
        if raft.config.voters == [id] {
            raft.become_leader(disk, out);
        } else {
            raft.fetch(out);
        }
        raft
    }

    /// True for the active controller.
    pub fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// The epoch it is in.
    pub fn epoch(&self) -> ControllerEpoch {
        self.epoch
    }

    /// The leader of the quorum, if it knows it.
    pub fn leader(&self) -> Option<BrokerId> {
        self.leader
    }

    /// What lies before is committed, as far as it knows.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// The metadata log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Takes the next batch that is committed and was not handed out yet.
    pub fn next_committed(&mut self, disk: &mut Disk) -> Option<Committed> {
        if self.delivered >= self.high_watermark {
            return None;
        }
        let read = self.log.read(disk, self.delivered, 0, self.high_watermark, true).ok()?;
        let batch = read.records.first()?;
        self.delivered = batch.next_offset();
        let epoch = batch
            .partition_leader_epoch()
            .map_or(ControllerEpoch(0), |epoch| ControllerEpoch(epoch.0));
        let records = if batch.is_control() { Arc::from([]) } else { decode(batch) };
        Some(Committed { base_offset: batch.base_offset(), epoch, records })
    }

    fn leader_epoch(&self) -> LeaderEpoch {
        LeaderEpoch(self.epoch.0)
    }

    /// True for a connection that this member opened.
    pub fn owns(&self, connection: ConnectionId) -> bool {
        self.channels.peer(connection).is_some()
    }

    /// A connection is open.
    pub fn on_connected(&mut self, connection: ConnectionId, out: &mut Outbox) {
        self.channels.on_connected(connection, out);
    }

    /// A connection ended.
    pub fn on_disconnected(
        &mut self,
        connection: ConnectionId,
        how: Disconnect,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let ended = self.channels.on_disconnected(connection, how, out);
        self.on_completions(ended, disk, out);
    }

    /// A response came.
    pub fn on_response(
        &mut self,
        connection: ConnectionId,
        response: Arc<Response>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        let ended = self.channels.on_response(connection, response, out);
        self.on_completions(ended, disk, out);
    }

    /// A timer of the quorum came up.
    pub fn on_timer(&mut self, timer: Timer, disk: &mut Disk, out: &mut Outbox) {
        match timer {
            Timer::RaftFetch(slot) => self.on_fetch_expired(slot, disk, out),
            Timer::MetadataFetch => self.fetch(out),
            Timer::RequestTimeout(peer) => {
                let ended = self.channels.on_request_timer(peer, out);
                self.on_completions(ended, disk, out);
            }
            Timer::Connect(peer) => {
                let ended = self.channels.on_connect_timer(peer, out);
                self.on_completions(ended, disk, out);
            }
            _ => unreachable!("only timers of the quorum come here"),
        }
    }

    fn on_completions(
        &mut self,
        completions: impl IntoIterator<Item = Completion<Tag>>,
        disk: &mut Disk,
        out: &mut Outbox,
    ) {
        for completion in completions {
            self.on_fetched(completion, disk, out);
        }
    }

    /// The channel to `broker`.
    const fn peer(broker: BrokerId) -> Peer {
        Peer::new(broker, crate::node::Purpose::Raft)
    }
}

/// The records of a batch.
///
/// # Panics
/// When a committed batch cannot be read: then the log is damaged, and a real broker dies as well.
fn decode(batch: &Batch) -> Arc<[MetadataRecord]> {
    let records = batch.iter().map(|record| {
        let record = record.expect("a committed batch can be read");
        let value = record.value.expect("a metadata record has a value");
        MetadataRecord::decode(value).expect("a committed record can be read").1
    });
    records.collect()
}
