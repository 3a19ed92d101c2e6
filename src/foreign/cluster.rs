//! What a tool asks a cluster, and what a client would be told.
//!
//! In Kafka: the calls of `KafkaAdminClient` that the tools make.

use bytes::Bytes;

use crate::ids::TopicPartition;

/// A cluster as its clients see it.
pub trait Cluster {
    /// The topics, by name, as a living broker knows them.
    ///
    /// # Errors
    /// [`Problem::Silence`] where no broker lives.
    fn topics(&self) -> Result<Vec<Topic>, Problem>;

    /// The ids of the brokers that a living broker knows to be alive.
    fn live_brokers(&self) -> Vec<i32>;

    /// The groups that the living coordinators list.
    ///
    /// # Errors
    /// [`Problem::Silence`] where no broker lives.
    fn groups(&self) -> Result<Vec<Group>, Problem>;

    /// A group as its coordinator knows it.
    ///
    /// # Errors
    /// [`Problem::Unknown`] where the coordinator does not know it, [`Problem::Timeout`] where there
    /// is no coordinator.
    fn group(&self, name: &str) -> Result<Group, Problem>;

    /// Where the log of a partition begins, and what consumers can see ends.
    ///
    /// # Errors
    /// [`Problem::Timeout`] while nobody leads it.
    fn bounds(&self, tp: &TopicPartition) -> Result<(i64, i64), Problem>;

    /// The records of a partition that consumers can see, in order, control records left out; with
    /// `committed` those of open and aborted transactions too.
    ///
    /// # Errors
    /// [`Problem::Timeout`] while nobody leads it.
    fn records(&self, tp: &TopicPartition, committed: bool) -> Result<Vec<Record>, Problem>;

    /// The wall clock, as log lines write it.
    fn log_time(&self) -> String;
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No broker answers.
    Silence,
    /// There is no such thing.
    Unknown,
    /// Whoever would know cannot be asked.
    Timeout,
}

/// A topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// True for the ones that Kafka makes for itself.
    pub internal: bool,
    /// Settings whose value is no default, with the value.
    pub configs: Vec<(String, String)>,
    /// `min.insync.replicas`.
    pub min_insync_replicas: usize,
    /// Its partitions, by number.
    pub partitions: Vec<Partition>,
}

/// A partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// Its number.
    pub index: i32,
    /// Its leader, if it has one.
    pub leader: Option<i32>,
    /// Its replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Those in sync.
    pub isr: Vec<i32>,
    /// Replicas that a reassignment adds.
    pub adding: Vec<i32>,
    /// Replicas that a reassignment takes away.
    pub removing: Vec<i32>,
    /// The eligible leader replicas (KIP-966).
    pub elr: Vec<i32>,
    /// The last known eligible leader replicas (KIP-966).
    pub last_known_elr: Vec<i32>,
}

/// Which protocol a group speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
pub enum GroupType {
    /// `JoinGroup`, `SyncGroup`.
    Classic,
    /// KIP-848.
    Consumer,
}

/// The broker that coordinates a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinator {
    /// Its id.
    pub id: i32,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Which protocol it speaks.
    pub kind: GroupType,
    /// Kafka's word for its state.
    pub state: String,
    /// The assignor that was chosen; empty for none.
    pub assignor: String,
    /// Who coordinates it.
    pub coordinator: Coordinator,
    /// The group epoch, of the consumer protocol.
    pub group_epoch: Option<i32>,
    /// The epoch of the target assignment, of the consumer protocol.
    pub target_assignment_epoch: Option<i32>,
    /// Its members, in the coordinator's order.
    pub members: Vec<Member>,
    /// What is committed.
    pub committed: Vec<(TopicPartition, Committed)>,
}

/// A committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The next offset to read.
    pub offset: i64,
    /// The leader epoch of the last record that was read.
    pub leader_epoch: Option<i32>,
}

/// A member of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its member id.
    pub id: String,
    /// `group.instance.id` of a static member.
    pub instance: Option<String>,
    /// `client.id`.
    pub client: String,
    /// Where it connects from.
    pub host: String,
    /// What it is assigned.
    pub assignment: Vec<TopicPartition>,
    /// Its epoch, of the consumer protocol.
    pub epoch: Option<i32>,
    /// What it is to have, of the consumer protocol.
    pub target: Option<Vec<TopicPartition>>,
}

/// A record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its place.
    pub offset: i64,
    /// Its time, in milliseconds.
    pub timestamp: i64,
    /// True if the time is when the broker appended it.
    pub appended: bool,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value.
    pub value: Option<Bytes>,
    /// Its headers.
    pub headers: Vec<(String, Option<Bytes>)>,
}
