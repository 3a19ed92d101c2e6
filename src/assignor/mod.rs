//! Assignors: which member of a group gets which partitions. Pure functions.
//!
//! In Kafka: `RangeAssignor`, `RoundRobinAssignor`, `StickyAssignor` (KIP-54, KIP-341) and
//! `CooperativeStickyAssignor` (KIP-429), with racks (KIP-881), as the leader of a classic group runs
//! them. Here come as well: the assignors of the server (KIP-848) and of other client libraries.

mod cooperative_sticky;
mod index;
pub mod kafka_go;
mod range;
mod round_robin;
mod sticky;

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::ids::{Generation, Name, TopicPartition, java_string_hash};
use crate::protocol::consumer_protocol::Subscription;
use crate::protocol::java_map;

/// A member of a group, as an assignor sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The member id.
    pub member_id: Name,
    /// `group.instance.id` of a static member.
    pub group_instance_id: Option<Name>,
    /// `client.rack`.
    pub rack: Option<Name>,
    /// The topics it subscribes to.
    pub topics: Vec<Name>,
    /// The partitions it told that it has.
    pub owned: Vec<TopicPartition>,
    /// The generation it has them from.
    pub generation: Option<Generation>,
    /// Its assignor's own data.
    pub user_data: Option<Bytes>,
}

impl Member {
    /// The member with that id and subscription.
    pub fn new(
        member_id: Name,
        group_instance_id: Option<Name>,
        subscription: Subscription,
    ) -> Self {
        let Subscription { topics, user_data, owned, generation, rack } = subscription;
        Self { member_id, group_instance_id, rack, topics, owned, generation, user_data }
    }
}

/// A topic, as an assignor sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// How many partitions it has.
    pub partitions: u32,
    /// By partition, the racks of its replicas; empty where brokers have no racks.
    pub racks: Vec<Vec<Name>>,
}

impl Topic {
    /// A topic on brokers without racks.
    pub const fn without_racks(partitions: u32) -> Self {
        Self { partitions, racks: Vec::new() }
    }
}

/// The topics that the leader knows.
pub type Topics = BTreeMap<Name, Topic>;

/// By member, in the order in which members were given: the partitions it gets.
pub type Assignments = Vec<Vec<TopicPartition>>;

/// The exception that the leader's application sees when an assignor breaks down. Sticky assignors
/// do where members had partitions that their topic does not have any more, and some corners more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignorFailure {
    /// `IllegalStateException`: all members are full, and partitions are left.
    #[error("No more unfilled consumers to be assigned.")]
    NoMoreUnfilledConsumers,
    /// `IllegalStateException`: all partitions are dealt out, and members are not full.
    #[error("no more partitions to be assigned")]
    NoMorePartitions,
    /// `NullPointerException`: a partition's last owner takes no part in the balancing.
    #[error("a previous owner is not in the current assignment")]
    NullPointer,
}

/// An assignor of the Java client.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::EnumIter,
)]
pub enum Assignor {
    /// Topic by topic, runs of partitions.
    #[strum(serialize = "range")]
    Range,
    /// All partitions in turn.
    #[strum(serialize = "roundrobin")]
    RoundRobin,
    /// Balanced, and everybody keeps what it can.
    #[strum(serialize = "sticky")]
    Sticky,
    /// The same, and nobody stops for what it keeps: what moves is given up first.
    #[strum(serialize = "cooperative-sticky")]
    CooperativeSticky,
}

impl Assignor {
    /// Its name in `partition.assignment.strategy` and in the group.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The assignor of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        use strum::IntoEnumIterator;
        Self::iter().find(|assignor| assignor.name() == name)
    }

    /// True where members keep consuming during a rebalance (KIP-429).
    pub const fn is_cooperative(self) -> bool {
        matches!(self, Self::CooperativeSticky)
    }

    /// Assigns the partitions of `topics` to `members`.
    ///
    /// The order of `members` is that of Java's map of subscriptions, see [`in_java_order`]; in
    /// corner cases the sticky assignors depend on it.
    ///
    /// # Errors
    /// [`AssignorFailure`] where Kafka's assignor throws.
    pub fn assign(
        self,
        members: &[Member],
        topics: &Topics,
    ) -> Result<Assignments, AssignorFailure> {
        match self {
            Self::Range => Ok(range::assign(members, topics)),
            Self::RoundRobin => Ok(round_robin::assign(members, topics)),
            Self::Sticky => sticky::assign(members, topics),
            Self::CooperativeSticky => cooperative_sticky::assign(members, topics),
        }
    }
}

/// Puts `members`, given as the leader received them, into the order that its map gives them.
pub fn in_java_order(members: &mut [Member]) {
    java_map::sort_by_hash(members, |member| java_string_hash(&member.member_id));
}

/// The numbers of `members` in the order of `AbstractPartitionAssignor.MemberInfo`: static members
/// first, by instance id; then the others, by member id.
fn by_instance_and_id(members: &[Member]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|number| {
        let member = &members[*number];
        match &member.group_instance_id {
            Some(instance) => (0, instance),
            None => (1, &member.member_id),
        }
    });
    order
}
