//! Which partition is shown, and which ones are next to it.

use crate::ids::{PartitionIndex, TopicPartition};
use crate::metadata::topic_name::is_kafkas_own;
use crate::metadata::{ClusterImage, TopicImage};
use crate::view::Lens;

/// The topics in the order of the matrix: users' by name, then internal ones if asked.
fn topics(image: &ClusterImage, internal: bool) -> Vec<&TopicImage> {
    let is_internal = |topic: &&TopicImage| is_kafkas_own(&topic.name);
    let own = image.topics().filter(|topic| internal && is_internal(topic));
    image.topics().filter(|topic| !is_internal(topic)).chain(own).collect()
}

fn partition(topic: &TopicImage, number: u32) -> TopicPartition {
    TopicPartition { topic: topic.name.clone(), partition: PartitionIndex(number as i32) }
}

/// The first partition there is.
pub fn first(lens: Lens<'_>) -> Option<TopicPartition> {
    let topics = topics(lens.image()?, true);
    topics.iter().find(|topic| topic.partition_count() > 0).map(|topic| partition(topic, 0))
}

/// The partition so many places after `from`, as far as there are any.
pub fn beside(
    lens: Lens<'_>,
    from: &TopicPartition,
    by: isize,
    internal: bool,
) -> Option<TopicPartition> {
    let topics = topics(lens.image()?, internal || is_kafkas_own(&from.topic));
    let count = |topic: &TopicImage| topic.partition_count() as usize;
    let place = topics.iter().position(|topic| topic.name == from.topic)?;
    let before: usize = topics[..place].iter().map(|topic| count(topic)).sum();
    let all: usize = topics.iter().map(|topic| count(topic)).sum();
    let at = before + usize::try_from(from.partition.0).unwrap_or(0);
    let mut to = at.saturating_add_signed(by).min(all.checked_sub(1)?);
    for topic in topics {
        if to < count(topic) {
            return Some(partition(topic, to as u32));
        }
        to -= count(topic);
    }
    None
}

/// The place of a partition among those of its topic, and how many those are.
pub(super) fn place(lens: Lens<'_>, tp: &TopicPartition) -> Option<(i32, u32)> {
    let topic = lens.image()?.topic_named(&tp.topic)?;
    Some((tp.partition.0 + 1, topic.partition_count()))
}
