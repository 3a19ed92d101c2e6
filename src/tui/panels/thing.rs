//! What stands in a cell or a row: its name in the command language, and the term of its card.

use crate::ids::{BrokerId, Name, TopicPartition};
use crate::view::{Lens, ReplicaWord};

/// What stands in a cell or a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A broker.
    Broker(BrokerId),
    /// A controller.
    Controller(BrokerId),
    /// The partitions of an internal topic, folded into one row.
    Topic(Name),
    /// A partition.
    Partition(TopicPartition),
    /// A replica of a partition.
    Replica {
        /// The partition.
        tp: TopicPartition,
        /// Its broker.
        broker: BrokerId,
    },
    /// A group.
    Group(Name),
    /// A member of a group.
    Member {
        /// The group.
        group: Name,
        /// The name of its process.
        member: Name,
    },
    /// A producer.
    Producer(Name),
    /// A file on a server's disk.
    File {
        /// The server.
        server: BrokerId,
        /// The term of its card.
        term: &'static str,
    },
    /// A line of the story, by its place ([`Story::get`](crate::explain::Story::get)).
    Line(usize),
}

impl Thing {
    /// Its name in the command language: `broker-1`, `kq-0`, `leader(kq-0)`, `checkout`, `c1`. None
    /// for what has no name there.
    pub fn name(&self, lens: Lens<'_>) -> Option<String> {
        match self {
            Self::Topic(name) | Self::Group(name) => Some(name.to_string()),
            Self::Partition(tp) => Some(partition_name(tp, lens)),
            Self::Line(_) => None,
            _ => self.process(lens),
        }
    }

    /// The process that is meant when it is killed, stopped or started: `broker-1`, `leader(kq-0)`.
    /// None for what is no process.
    pub fn process(&self, lens: Lens<'_>) -> Option<String> {
        match self {
            Self::Broker(id) | Self::Controller(id) | Self::File { server: id, .. } => {
                Some(lens.name(lens.node_of(*id)?).to_string())
            }
            Self::Replica { tp, broker } => {
                let leads = lens.registration(tp)?.leader == Some(*broker);
                if leads {
                    return Some(format!("leader({})", partition_name(tp, lens)));
                }
                Self::Broker(*broker).process(lens)
            }
            Self::Member { member: name, .. } | Self::Producer(name) => Some(name.to_string()),
            Self::Topic(_) | Self::Partition(_) | Self::Group(_) | Self::Line(_) => None,
        }
    }

    /// The partition that it is, or is a replica of.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Self::Partition(tp) | Self::Replica { tp, .. } => Some(tp),
            _ => None,
        }
    }

    /// The term of its card: what a replica is depends on what it does.
    pub fn term(&self, lens: Lens<'_>) -> &'static str {
        match self {
            Self::Broker(_) => "broker",
            Self::Controller(_) => "controller",
            Self::Topic(_) => "topic",
            Self::Partition(tp) => match lens.registration(tp) {
                Some(state) if state.leader.is_none() => "offline partition",
                _ => "partition",
            },
            Self::Replica { tp, broker } => {
                let partition = lens.partition(tp);
                let mut replicas = partition.iter().flat_map(|partition| &partition.replicas);
                match replicas.find(|replica| replica.broker == *broker).map(|one| one.word) {
                    Some(ReplicaWord::Leader) => "leader",
                    Some(ReplicaWord::Zombie) => "zombie",
                    Some(ReplicaWord::InSync) => "follower",
                    Some(ReplicaWord::Lagging) => "ISR",
                    Some(ReplicaWord::Offline | ReplicaWord::Absent) | None => "replica",
                }
            }
            Self::Group(_) => "group",
            Self::Member { .. } => "member",
            Self::Producer(_) => "producer",
            Self::File { term, .. } => term,
            Self::Line(_) => "record",
        }
    }
}

/// `kq-0`, or `kq/0` where a topic is called `kq-0`.
fn partition_name(tp: &TopicPartition, lens: Lens<'_>) -> String {
    let name = tp.to_string();
    match lens.image().and_then(|image| image.topic_id(&name)) {
        Some(_) => format!("{}/{}", tp.topic, tp.partition),
        None => name,
    }
}
