//! What a line of the story says, before anybody says it in a language.

use std::sync::Arc;

use serde::Serialize;

use super::{PartitionStep, Way};
use crate::fact::{Fact, FactKind};
use crate::ids::{Name, TopicPartition};
use crate::sim::{Duration, NodeId};

/// What became of links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum LinkChange {
    /// Nothing gets through any more.
    Cut,
    /// What was held back gets through again.
    Healed,
    /// Everything takes so much longer; zero when it is over.
    Delayed(Duration),
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::EnumDiscriminants)]
#[strum_discriminants(name(WordsKind), vis(pub(in crate::explain)))]
#[strum_discriminants(derive(strum::EnumIter, strum::IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "kebab-case"))]
#[serde(tag = "story", rename_all = "kebab-case")]
pub enum Words {
    /// One fact.
    Fact {
        /// The fact.
        fact: Arc<Fact>,
    },
    /// The same thing several times.
    Repeated {
        /// How it was the last time.
        fact: Arc<Fact>,
        /// How often.
        times: u32,
        /// From the first time to the last.
        over: Duration,
    },
    /// Processes start.
    Starting {
        /// Which ones.
        nodes: Vec<NodeId>,
    },
    /// A process is gone, and those it was connected to notice.
    Ended {
        /// How it ended.
        fact: Arc<Fact>,
        /// Who noticed, by a connection that was reset.
        noticed_by: Vec<NodeId>,
    },
    /// A command, and the processes that it did something to and does not name.
    Commanded {
        /// The command.
        fact: Arc<Fact>,
        /// Which processes.
        of: Vec<NodeId>,
    },
    /// Nobody listens there.
    Refusing {
        /// Who does not listen.
        peer: Name,
        /// Who tried to connect.
        tried_by: Vec<NodeId>,
        /// How often, all of them together.
        times: u32,
        /// From the first time to the last.
        over: Duration,
    },
    /// Links are cut, healed or delayed.
    Links {
        /// What became of them.
        change: LinkChange,
        /// Which ones: from, to.
        links: Vec<(Name, Name)>,
    },
    /// A partition's state as the controller wrote it, with what was before.
    Partition {
        /// The change.
        step: Arc<PartitionStep>,
    },
    /// Partitions that changed as well, beyond those that have lines.
    MorePartitions {
        /// Their topic, if it is one that Kafka keeps for itself.
        topic: Option<Name>,
        /// How many.
        partitions: u32,
        /// How many of them have another leader.
        new_leaders: u32,
        /// How many of them have none.
        offline: u32,
        /// By which way all of them changed.
        way: Way,
    },
    /// A broker leads and follows many partitions from now on.
    Leading {
        /// How many it leads.
        leads: u32,
        /// How many it follows.
        follows: u32,
        /// The first of those it leads.
        first: Vec<TopicPartition>,
    },
    /// Many logs were opened.
    LogsOpened {
        /// How many.
        logs: u32,
        /// How many of them were not closed properly, and had records.
        unclean: u32,
        /// How many bytes were cut off.
        truncated_bytes: u64,
    },
    /// A broker coordinates the groups of more partitions of `__consumer_offsets`, or of fewer.
    Coordinating {
        /// From now on, or no more.
        begins: bool,
        /// How many partitions.
        partitions: u32,
        /// How many groups it found in them.
        groups: u32,
    },
    /// More of the same in one event.
    More {
        /// What they are about.
        kind: FactKind,
        /// Their topic, if it is one that Kafka keeps for itself.
        topic: Option<Name>,
        /// How many.
        count: u32,
    },
}
