//! How a broker starts and how it ends.
//!
//! In Kafka: `BrokerServer.startup`, `BrokerServer.shutdown`.

use std::sync::Arc;

use super::lifecycle::{BrokerState, Identity, Lifecycle};
use super::replicas::Replicas;
use super::to_controller::ToController;
use super::{Broker, Costs, Tag};
use crate::config::BrokerConfig;
use crate::coordinator::group::{GroupCoordinator, GroupCoordinatorConfig, PinnedMemberId};
use crate::ids::{BrokerId, Name, Uuid};
use crate::log::{Disk, LOCK, LogManager};
use crate::metadata::ClusterImage;
use crate::node::{ChannelConfig, Channels, Listener, Outbox, Purpose};
use crate::replica::{FetchSessions, Purgatory};
use crate::sim::Instant;
use crate::sim::rng::Stream;

/// What a broker is started with.
#[derive(Clone, Debug)]
pub struct BrokerSpec {
    /// `node.id`.
    pub id: BrokerId,
    /// The cluster's id.
    pub cluster: Name,
    /// The id of its log directory.
    pub directory: Uuid,
    /// Its settings.
    pub config: Arc<BrokerConfig>,
    /// What work costs it.
    pub costs: Costs,
    /// Member ids that the next members of groups get, instead of random ones.
    pub member_ids: Vec<PinnedMemberId>,
}

impl Broker {
    /// Starts: it registers, and waits until it has caught up with the metadata log.
    pub fn boot(
        spec: &BrokerSpec,
        seed: u64,
        incarnation: u32,
        disk: &mut Disk,
        out: &mut Outbox,
    ) -> Self {
        let config = Arc::clone(&spec.config);
        let id = spec.id;
        let stream =
            |purpose: &str| Stream::new(seed, &format!("broker-{id}/{incarnation}/{purpose}"));
        let expiration = config.producer_id_expiration.as_millis() as i64;
        let delete_delay = config.log_segment_delete_delay.as_millis() as i64;
        let logs = LogManager::new(vec!["".into()], expiration, delete_delay);
        let mut ids = stream("incarnation");
        let identity = Identity {
            id,
            incarnation: std::iter::repeat_with(|| Uuid::from_random(ids.bytes16()))
                .find_map(|id| id)
                .expect("some draw makes an id"),
            directory: spec.directory,
            cluster: spec.cluster.clone(),
            rack: config.broker_rack.clone(),
            previous_epoch: logs.clean_shutdown_epoch(disk),
        };
        let mut channels = ChannelConfig::new(format!("broker-{id}"));
        channels.setup_timeout = config.socket_connection_setup_timeout;
        channels.setup_timeout_max = config.socket_connection_setup_timeout_max;
        let slots = config.max_incremental_fetch_session_cache_slots as usize;
        let groups = GroupCoordinatorConfig::from(&*config);
        let mut coordinator = GroupCoordinator::new(groups, stream("members"));
        for pinned in &spec.member_ids {
            coordinator.pin_member_id(pinned.clone());
        }
        let mut broker = Self {
            id,
            image: ClusterImage::default(),
            metadata_offset: None,
            unpublished: None,
            published: false,
            active_controller: None,
            lifecycle: Lifecycle::new(identity, &config),
            replicas: Replicas::new(logs),
            channels: Channels::new(channels, stream("channels")),
            to_controller: ToController::new(
                config.controller_socket_timeout,
                config.broker_heartbeat_interval,
            ),
            isr_changes: Default::default(),
            sessions: FetchSessions::new(slots, stream("sessions")),
            produces: Purgatory::default(),
            fetches: Purgatory::default(),
            spare_fetches: Vec::new(),
            coordinator,
            producer_ids: Default::default(),
            auto_create: Default::default(),
            high_watermarks: Default::default(),
            flusher_starts: Instant::FAR_FUTURE,
            chance: stream("chance"),
            config,
            costs: spec.costs,
            copied: 0,
        };
        broker.ask_to_register(out);
        broker
    }

    fn ask_to_register(&mut self, out: &mut Outbox) {
        if let Some(body) = self.lifecycle.on_timer(None) {
            self.ask_controller(Purpose::Heartbeat, Tag::Lifecycle, body, out);
        }
    }

    /// It has caught up with the metadata log: opens its logs, takes its place, and says so.
    pub(super) fn open(&mut self, disk: &mut Disk, out: &mut Outbox) {
        let nothing = LogManager::new(Vec::new(), 0, 0);
        let mut logs = std::mem::replace(&mut self.replicas.logs, nothing);
        logs.load(disk, |topic| self.log_config(topic), out);
        self.high_watermarks = logs.read_high_watermarks(disk);
        self.replicas.logs = logs;
        self.publish_first(disk, out);
        self.schedule_background(out);
        out.listen(Listener::Broker);
        self.lifecycle.set_ready_to_unfence(out);
    }

    /// The controller let it go: it closes its logs and exits.
    pub(super) fn close(&mut self, disk: &mut Disk, out: &mut Outbox) {
        self.lifecycle.state = BrokerState::ShuttingDown;
        let logs = &mut self.replicas.logs;
        logs.checkpoint_high_watermarks(disk);
        logs.shutdown(disk, self.lifecycle.broker_epoch, out.wall);
        disk.remove(LOCK);
        out.exit(0);
    }
}
