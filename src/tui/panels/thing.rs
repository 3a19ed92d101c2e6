//! What stands in a cell or a row: its name in the command language, and the term of its card.

use crate::ids::{BrokerId, Name, TopicPartition};
use crate::view::Lens;

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
        /// The name of its process; the member id of one whose process is not known.
        member: Name,
    },
    /// A producer.
    Producer(Name),
    /// A line of the story, by its place ([`Story::get`](crate::explain::Story::get)).
    Line(usize),
}

impl Thing {
    /// Its name in the command language: `broker-1`, `kq-0`, `checkout`, `c1`. None for what has no
    /// name there.
    pub fn name(&self, lens: Lens<'_>) -> Option<String> {
        let _ = lens;
        None
    }

    /// The process that is meant when it is killed, stopped, started: `broker-1`, `leader(kq-0)`.
    pub fn process(&self, lens: Lens<'_>) -> Option<String> {
        let _ = lens;
        None
    }

    /// The term of its card.
    pub fn term(&self, lens: Lens<'_>) -> &'static str {
        let _ = lens;
        "broker"
    }
}
