//! The controller and those who follow it: sessions of brokers, what each broker believes the cluster
//! to be, and what the controller cannot finish.

use super::Lens;
use crate::cluster::ProcessState;
use crate::controller::kraft::{BrokerHeartbeatManager, QuorumController};
use crate::ids::{BrokerEpoch, BrokerId, Name, Offset, PartitionIndex, TopicId, TopicPartition};
use crate::metadata::{ClusterImage, LeaderRecoveryState, PartitionRegistration, TopicImage};
use crate::protocol::MetadataRecord;
use crate::sim::{Duration, Instant};

use super::metadata_log::MetadataContent;

/// A broker's registration and its session with the active controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// The broker.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
    /// It may not lead.
    pub fenced: bool,
    /// It shuts down in order: it leads no more.
    pub in_controlled_shutdown: bool,
    /// The offset that all other active brokers must have applied before it may stop.
    pub waits_for: Option<Offset>,
    /// When the controller last heard of it. None once its session was found to be over, and while no
    /// controller is active: sessions are kept in its memory.
    pub last_heartbeat: Option<Instant>,
    /// `broker.session.timeout.ms`.
    pub timeout: Duration,
}

impl SessionView {
    /// When the session ends unless something is heard.
    pub fn ends(&self) -> Option<Instant> {
        self.last_heartbeat.map(|last| last + self.timeout)
    }
}

/// How far a running broker's image of the cluster is behind the controller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageView {
    /// The broker.
    pub broker: BrokerId,
    /// The last offset of the metadata log that it applied.
    pub applied: Option<Offset>,
    /// How many committed records it has not applied.
    pub records_behind: u64,
    /// When the first of them was appended.
    pub behind_since: Option<Instant>,
    /// What it believes and is not so, by partition, then by broker.
    pub differences: Vec<Difference>,
}

/// What a broker believes and is not so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there are few, and most are about partitions")]
pub enum Difference {
    /// A partition.
    Partition {
        /// Which.
        tp: TopicPartition,
        /// What the broker believes; none if it does not know of it.
        believes: Option<PartitionRegistration>,
        /// What is so; none if it is gone.
        is: Option<PartitionRegistration>,
    },
    /// Whether a broker may lead: none if it is not registered.
    Broker {
        /// Which.
        broker: BrokerId,
        /// What is believed of it.
        believes: Option<Standing>,
        /// What is so.
        is: Option<Standing>,
    },
}

/// How a broker is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may lead.
    Unfenced,
    /// It may not.
    Fenced,
    /// It shuts down in order.
    ControlledShutdown,
}

impl Standing {
    fn of(image: &ClusterImage, broker: BrokerId) -> Option<Self> {
        let registration = image.broker(broker)?;
        Some(if registration.fenced {
            Self::Fenced
        } else if registration.in_controlled_shutdown {
            Self::ControlledShutdown
        } else {
            Self::Unfenced
        })
    }
}

/// A partition with which the controller is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingView {
    /// The partition.
    pub tp: TopicPartition,
    /// Its state.
    pub state: PartitionRegistration,
    /// `unclean.leader.election.enable`, while a controller is active.
    pub unclean_allowed: bool,
}

/// So many records behind are compared one by one.
const COMPARED: u64 = 4_096;

impl Lens<'_> {
    fn active(&self) -> Option<&QuorumController> {
        self.running(self.active_controller()?)?.controller()
    }

    /// True until a controller has become active for the first time: nobody is missing yet.
    pub fn awaits_first_controller(self) -> bool {
        let starts = || {
            let mut controllers = self.controller_glances().into_iter();
            controllers.any(|one| one.process != ProcessState::Down)
        };
        self.is_before_all() || self.image().is_none() && starts()
    }

    /// The registered brokers with their sessions, by id.
    pub fn sessions(self) -> Vec<SessionView> {
        let Some(image) = self.image() else { return Vec::new() };
        let controller = self.active();
        let heartbeats = controller.and_then(QuorumController::heartbeats);
        let declared = self.servers().find_map(|(_, node, ..)| self.controller_config(node));
        let timeout = declared.map_or(Duration::ZERO, |config| config.broker_session_timeout);
        let sessions = image.brokers().map(|one| SessionView {
            broker: one.id,
            epoch: one.epoch,
            fenced: one.fenced,
            in_controlled_shutdown: one.in_controlled_shutdown,
            waits_for: heartbeats.and_then(|all| all.controlled_shutdown_offset(one.id)),
            last_heartbeat: heartbeats.and_then(|all| all.last_contact(one.id, one.epoch)),
            timeout: heartbeats.map_or(timeout, BrokerHeartbeatManager::session_timeout),
        });
        sessions.collect()
    }

    /// How far the image of a running broker is behind, and what it believes and is not so.
    pub fn broker_image(self, broker: BrokerId) -> Option<ImageView> {
        let held = self.running(broker)?.broker()?;
        let applied = held.metadata_offset();
        let mut view = ImageView {
            broker,
            applied,
            records_behind: 0,
            behind_since: None,
            differences: Vec::new(),
        };
        let holder = self.metadata_log_of()?;
        let committed = self.running(holder)?.raft().high_watermark();
        let next = applied.map_or(Offset(0), Offset::next);
        let Some(behind) = committed.0.checked_sub(next.0).filter(|behind| *behind > 0) else {
            return Some(view);
        };
        view.records_behind = behind;
        let until = Offset(next.0 + behind.min(COMPARED));
        let missed = self.metadata_records(holder, next, until);
        view.behind_since = missed.first().map(|first| first.at);
        // An image is what the log up to its offset adds up to: only what later records are about can
        // be different.
        let Some(is) = self.image() else { return Some(view) };
        let mut partitions: Vec<(TopicId, i32)> = Vec::new();
        let mut brokers = Vec::new();
        for entry in &missed {
            let MetadataContent::Record(_, record) = &entry.content else { continue };
            touched(record, held.image(), &mut partitions, &mut brokers);
        }
        partitions.sort_unstable();
        partitions.dedup();
        brokers.sort_unstable();
        brokers.dedup();
        for (topic, index) in partitions {
            view.differences.extend(partition(held.image(), is, topic, index));
        }
        view.differences.sort_by_key(|one| match one {
            Difference::Partition { tp, .. } => Some(tp.clone()),
            Difference::Broker { .. } => None,
        });
        for broker in brokers {
            let (believes, is) = (Standing::of(held.image(), broker), Standing::of(is, broker));
            if believes != is {
                view.differences.push(Difference::Broker { broker, believes, is });
            }
        }
        Some(view)
    }

    /// The partitions with which the controller is not done, by name: those without a leader, those
    /// that recover from an unclean election, those with an ELR, and those that are reassigned.
    pub fn pending_partitions(self) -> Vec<PendingView> {
        let Some(image) = self.image() else { return Vec::new() };
        let controller = self.active();
        let partitions = image.topics().flat_map(|topic| {
            let unclean = || controller.is_some_and(|it| it.unclean_election_enabled(&topic.name));
            topic.partitions().filter(|(_, state)| is_pending(state)).map(move |(index, state)| {
                PendingView {
                    tp: TopicPartition { topic: topic.name.clone(), partition: index },
                    state: state.clone(),
                    unclean_allowed: unclean(),
                }
            })
        });
        partitions.collect()
    }
}

fn is_pending(state: &PartitionRegistration) -> bool {
    state.leader.is_none()
        || state.leader_recovery_state == LeaderRecoveryState::Recovering
        || !state.elr().is_empty()
        || !state.last_known_elr().is_empty()
        || !state.adding_replicas().is_empty()
        || !state.removing_replicas().is_empty()
}

/// What a record is about.
fn touched(
    record: &MetadataRecord,
    before: &ClusterImage,
    partitions: &mut Vec<(TopicId, i32)>,
    brokers: &mut Vec<BrokerId>,
) {
    use MetadataRecord as R;
    match record {
        R::Partition(record) => partitions.push((record.topic_id, record.partition_id.0)),
        R::PartitionChange(record) => partitions.push((record.topic_id, record.partition_id.0)),
        R::RemoveTopic(record) => {
            let count = before.topic(record.topic_id).map_or(0, TopicImage::partition_count);
            partitions.extend((0..count as i32).map(|index| (record.topic_id, index)));
        }
        R::ClearElr(record) => {
            let known =
                record.topic_name.is_empty() || before.topic_id(&record.topic_name).is_some();
            if known {
                let with = before.partitions_with_elr(&record.topic_name);
                partitions.extend(with.into_iter().map(|tp| (tp.topic_id, tp.partition.0)));
            }
        }
        R::RegisterBroker(record) => brokers.push(record.broker_id),
        R::UnregisterBroker(record) => brokers.push(record.broker_id),
        R::BrokerRegistrationChange(record) => brokers.push(record.broker_id),
        R::FenceBroker(record) => brokers.push(record.id),
        R::UnfenceBroker(record) => brokers.push(record.id),
        // The rest is about settings and numbers, not about who leads.
        _ => {}
    }
}

fn partition(
    believed: &ClusterImage,
    known: &ClusterImage,
    topic: TopicId,
    index: i32,
) -> Option<Difference> {
    let of = |image: &ClusterImage| image.partition(topic, PartitionIndex(index)).cloned();
    let (believes, is) = (of(believed), of(known));
    let name: Option<Name> =
        known.topic(topic).or_else(|| believed.topic(topic)).map(|topic| topic.name.clone());
    let tp = TopicPartition { topic: name?, partition: PartitionIndex(index) };
    (believes != is).then_some(Difference::Partition { tp, believes, is })
}
