//! Which partition stands in which row: topics of users by name, then internal ones.

use crate::ids::{PartitionIndex, TopicPartition};
use crate::metadata::topic_name::{INTERNAL, is_kafkas_own};
use crate::metadata::{ClusterImage, TopicImage};

/// What stands in a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'a> {
    /// An internal topic as a whole.
    Topic(&'a TopicImage),
    /// A partition.
    Partition(&'a TopicImage, PartitionIndex),
}

impl<'a> Row<'a> {
    /// The topic.
    pub(super) fn topic(&self) -> &'a TopicImage {
        match self {
            Self::Topic(topic) | Self::Partition(topic, _) => topic,
        }
    }

    /// The partition, if it is one.
    pub(super) fn partition(&self) -> Option<TopicPartition> {
        match self {
            Self::Topic(_) => None,
            Self::Partition(topic, number) => {
                Some(TopicPartition { topic: topic.name.clone(), partition: *number })
            }
        }
    }
}

fn is_internal(topic: &TopicImage) -> bool {
    is_kafkas_own(&topic.name)
}

fn internal_topics(image: &ClusterImage) -> impl Iterator<Item = &TopicImage> {
    INTERNAL.into_iter().filter_map(|name| image.topic_named(name))
}

/// The topics in the order of their rows.
fn topics(image: &ClusterImage) -> impl Iterator<Item = &TopicImage> {
    let of_users = image.topics().filter(|topic| !is_internal(topic));
    of_users.chain(internal_topics(image))
}

/// How many rows a topic has.
fn height(topic: &TopicImage, internal: bool) -> usize {
    let partitions = topic.partition_count() as usize;
    match (is_internal(topic), internal) {
        (false, _) => partitions,
        (true, false) => 1,
        (true, true) => partitions + 1,
    }
}

/// How many rows there are.
pub(super) fn count(image: &ClusterImage, internal: bool) -> usize {
    let own: usize = internal_topics(image).map(|topic| topic.partition_count() as usize).sum();
    let rows: usize = internal_topics(image).map(|topic| height(topic, internal)).sum();
    image.partition_count() - own + rows
}

/// The rows from `first` on. Topics before it are passed over as wholes.
pub(super) fn from(
    image: &ClusterImage,
    internal: bool,
    first: usize,
) -> impl Iterator<Item = Row<'_>> {
    let mut before = first;
    let rest = topics(image).filter_map(move |topic| {
        let rows = height(topic, internal);
        let skipped = before.min(rows);
        before -= skipped;
        (skipped < rows).then_some((topic, skipped..rows))
    });
    rest.flat_map(|(topic, rows)| {
        let with_title = is_internal(topic);
        rows.map(move |row| match (with_title, row) {
            (true, 0) => Row::Topic(topic),
            (true, row) => Row::Partition(topic, PartitionIndex(row as i32 - 1)),
            (false, row) => Row::Partition(topic, PartitionIndex(row as i32)),
        })
    })
}

/// How many cells the longest name of a partition takes in so many rows.
pub(super) fn name_width(image: &ClusterImage, internal: bool, first: usize, rows: usize) -> u16 {
    let widths = from(image, internal, first).take(rows).map(|row| match row {
        Row::Topic(_) => 0,
        // All partitions of a topic have the room of its last one.
        Row::Partition(topic, _) => {
            let last = u64::from(topic.partition_count().saturating_sub(1));
            topic.name.len() as u16 + 1 + crate::tui::ink::digits(last)
        }
    });
    widths.max().unwrap_or(0)
}
