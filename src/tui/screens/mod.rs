//! Screens and their panes: what there is to look at, and where it stands.

mod areas;
mod charts;
mod cluster;
mod compare;
mod control;
mod disk;
mod group;
mod messages;
mod partition;
mod why;

pub(super) use areas::{Areas, SMALLEST, areas, has_story, is_too_small};
pub(super) use charts::draw as draw_charts;
pub(super) use cluster::draw as draw_cluster;
pub(super) use compare::draw as draw_compare;
pub(super) use control::draw as draw_control;
pub(super) use disk::draw as draw_disk;
pub(super) use group::draw as draw_group;
pub(super) use messages::draw as draw_messages;
pub(super) use partition::draw as draw_partition;
pub(super) use why::draw as draw_why;

use crate::explain::Lang;

/// A screen, by the digit that shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumIter)]
pub enum Screen {
    /// The cluster and its story.
    #[default]
    Cluster = 1,
    /// The logs of a partition.
    Partition = 2,
    /// A group: its states, its members, who read what when.
    Group = 3,
    /// Messages in space and time.
    Messages = 4,
    /// A server's disk.
    Disk = 5,
    /// The controller and the metadata log.
    Control = 6,
    /// Throughput, latencies, lag over time.
    Charts = 7,
    /// The chain of causes of an event.
    Why = 8,
    /// Two runs or two futures side by side.
    Compare = 9,
}

impl Screen {
    /// Its digit.
    pub const fn digit(self) -> u8 {
        self as u8
    }

    /// Its name.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Cluster => lang.pick("Cluster", "集群"),
            Self::Partition => lang.pick("Partition", "分区"),
            Self::Group => lang.pick("Group", "消费者组"),
            Self::Messages => lang.pick("Messages", "消息"),
            Self::Disk => lang.pick("Disk", "磁盘"),
            Self::Charts => lang.pick("Charts", "图表"),
            Self::Control => lang.pick("Control", "控制"),
            Self::Why => lang.pick("Why", "为什么"),
            Self::Compare => lang.pick("Compare", "对比"),
        }
    }
}

/// A part of a screen that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pane {
    /// The matrix of partitions and brokers.
    #[default]
    Cluster,
    /// The groups.
    Groups,
    /// The producers.
    Producers,
    /// The story.
    Story,
    /// The logs of a partition.
    Partition,
    /// A group.
    Group,
    /// Charts.
    Charts,
    /// The chain of causes.
    Why,
    /// The log directory of a server.
    Tree,
    /// An opened file.
    File,
    /// The controller and the brokers' sessions and images.
    Control,
    /// The metadata log.
    Records,
    /// Two runs or two futures.
    Compare,
    /// Messages in space and time.
    Messages,
}

impl Pane {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Cluster,
        Self::Groups,
        Self::Producers,
        Self::Story,
        Self::Partition,
        Self::Group,
        Self::Charts,
        Self::Why,
        Self::Tree,
        Self::File,
        Self::Control,
        Self::Records,
        Self::Compare,
        Self::Messages,
    ];
}
