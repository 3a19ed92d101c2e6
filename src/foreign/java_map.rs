//! The order of Java's hash maps, in which the tools print what they put into one.

use crate::ids::{TopicPartition, java_string_hash};
use crate::log::topic_partition_hash;
use crate::metadata::java_hash::HashOrder;

/// Names in the order of a `new HashMap<>(their number)`.
pub(super) fn sized<T>(items: &[T], name: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut order = HashOrder::with_table(items.len());
    order.extend(0..items.len());
    let places = order.iterated(|place| java_string_hash(name(&items[*place])));
    places.into_iter().map(|place| &items[*place]).collect()
}

/// Names in the order of a `HashMap` that grew with them.
pub(super) fn grown<T>(items: &[T], name: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut order = HashOrder::new();
    order.extend(0..items.len());
    let places = order.iterated(|place| java_string_hash(name(&items[*place])));
    places.into_iter().map(|place| &items[*place]).collect()
}

/// Partitions in the order of a `HashMap` that grew with them.
pub(super) fn partitions(partitions: &[TopicPartition]) -> Vec<TopicPartition> {
    let mut order = HashOrder::new();
    order.extend(partitions.iter().cloned());
    order.iterated(topic_partition_hash).into_iter().cloned().collect()
}

/// Settings in the order of the map that holds all settings of a topic.
pub(super) fn configs(configs: &[(String, String)]) -> Vec<&(String, String)> {
    // A topic has 33 settings or so.
    const SETTINGS: usize = 64;
    let mut order = HashOrder::with_table(SETTINGS);
    order.extend(0..configs.len());
    let places = order.iterated(|place| java_string_hash(&configs[*place].0));
    places.into_iter().map(|place| &configs[*place]).collect()
}
