//! Topics, partitions and racks by dense numbers, so that assignors compute with integers.

use std::collections::BTreeMap;

use super::{Member, Topics};
use crate::ids::{Name, TopicPartition, java_string_hash};

/// The topics that members subscribe to and that have partitions, by name.
pub(super) struct Index<'a> {
    /// In the order of their names.
    pub(super) topics: Vec<IndexedTopic<'a>>,
    /// By member: the numbers of its topics, in the order of its subscription, each once.
    pub(super) subscriptions: Vec<Vec<usize>>,
    /// By partition number: the topic.
    topic_of: Vec<u32>,
    numbers: BTreeMap<&'a str, usize>,
}

/// One topic.
pub(super) struct IndexedTopic<'a> {
    pub(super) name: &'a Name,
    /// How many partitions it has.
    pub(super) partitions: u32,
    /// The number of its first partition.
    pub(super) first: u32,
    racks: &'a [Vec<Name>],
    hash: i32,
}

impl<'a> Index<'a> {
    /// Numbers what `members` subscribe to. `owned` are partitions that need a number although the
    /// topic may not have them any more.
    pub(super) fn new<'b>(
        members: &'a [Member],
        topics: &'a Topics,
        owned: impl Iterator<Item = &'b TopicPartition>,
    ) -> Self {
        let mut found: BTreeMap<&str, (IndexedTopic<'a>, u32)> = BTreeMap::new();
        for name in members.iter().flat_map(|member| &member.topics) {
            let Some((name, topic)) = topics.get_key_value(name) else { continue };
            if topic.partitions == 0 || found.contains_key(&**name) {
                continue;
            }
            let indexed = IndexedTopic {
                name,
                partitions: topic.partitions,
                first: 0,
                racks: &topic.racks,
                hash: java_string_hash(name),
            };
            found.insert(name, (indexed, topic.partitions));
        }
        for tp in owned {
            if let Some((_, slots)) = found.get_mut(&*tp.topic) {
                *slots = (*slots).max(tp.partition.0 as u32 + 1);
            }
        }
        let mut index = Self {
            topics: Vec::with_capacity(found.len()),
            subscriptions: Vec::with_capacity(members.len()),
            topic_of: Vec::new(),
            numbers: BTreeMap::new(),
        };
        for (name, (topic, slots)) in found {
            let number = index.topics.len();
            index.numbers.insert(name, number);
            index.topics.push(IndexedTopic { first: index.topic_of.len() as u32, ..topic });
            index.topic_of.extend(std::iter::repeat_n(number as u32, slots as usize));
        }
        for member in members {
            let mut seen = vec![false; index.topics.len()];
            let known = member.topics.iter().filter_map(|name| index.numbers.get(&**name).copied());
            let once = known.filter(|topic| !std::mem::replace(&mut seen[*topic], true)).collect();
            index.subscriptions.push(once);
        }
        index
    }

    /// How many numbers partitions have, those included that topics do not have any more.
    pub(super) fn slots(&self) -> usize {
        self.topic_of.len()
    }

    /// How many partitions there are.
    pub(super) fn partition_count(&self) -> usize {
        self.topics.iter().map(|topic| topic.partitions as usize).sum()
    }

    /// The numbers of all partitions, topic by topic.
    pub(super) fn partitions(&self) -> impl Iterator<Item = u32> + Clone {
        self.topics.iter().flat_map(IndexedTopic::numbers)
    }

    /// The number of a partition; none where nobody subscribes to its topic.
    pub(super) fn number(&self, tp: &TopicPartition) -> Option<u32> {
        let topic = *self.numbers.get(&*tp.topic)?;
        Some(self.topics[topic].first + tp.partition.0 as u32)
    }

    /// The topic of a partition.
    pub(super) fn topic(&self, partition: u32) -> usize {
        self.topic_of[partition as usize] as usize
    }

    /// The place of a partition in its topic.
    pub(super) fn place(&self, partition: u32) -> u32 {
        partition - self.topics[self.topic(partition)].first
    }

    /// The partition by name.
    pub(super) fn name(&self, partition: u32) -> TopicPartition {
        let topic = &self.topics[self.topic(partition)];
        TopicPartition::new(topic.name.clone(), (partition - topic.first) as i32)
    }

    /// The hash code of a partition in Java.
    pub(super) fn hash(&self, partition: u32) -> i32 {
        let hash = 31_i32.wrapping_add(self.place(partition) as i32).wrapping_mul(31);
        hash.wrapping_add(self.topics[self.topic(partition)].hash)
    }
}

impl IndexedTopic<'_> {
    /// The numbers of its partitions.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        self.first..self.first + self.partitions
    }
}

/// Racks by dense numbers.
pub(super) struct Racks {
    /// By member: its rack.
    pub(super) of_member: Vec<Option<u32>>,
    /// By partition number: the racks of its replicas, each once; empty for what does not exist.
    pub(super) of_partition: Vec<Vec<u32>>,
}

impl Racks {
    /// Numbers the racks of `members` and of the partitions of `index`.
    pub(super) fn new(members: &[Member], index: &Index<'_>) -> Self {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let mut of_member = Vec::with_capacity(members.len());
        for member in members {
            let rack = member.rack.as_ref().filter(|rack| !rack.is_empty());
            let count = numbers.len() as u32;
            of_member.push(rack.map(|rack| *numbers.entry(rack).or_insert(count)));
        }
        let mut of_partition = vec![Vec::new(); index.slots()];
        if !numbers.is_empty() {
            for topic in &index.topics {
                for (partition, racks) in topic.numbers().zip(topic.racks) {
                    let known: &mut Vec<u32> = &mut of_partition[partition as usize];
                    for rack in racks {
                        let count = numbers.len() as u32;
                        let rack = *numbers.entry(rack).or_insert(count);
                        if !known.contains(&rack) {
                            known.push(rack);
                        }
                    }
                    known.sort_unstable();
                }
            }
        }
        Self { of_member, of_partition }
    }

    /// `AbstractPartitionAssignor.useRackAwareAssignment`: some replica is in a member's rack, and
    /// not every partition is in all racks. `partitions` are all partitions in question.
    pub(super) fn matter(
        &self,
        members: impl Iterator<Item = usize>,
        partitions: &(impl Iterator<Item = u32> + Clone),
    ) -> bool {
        let of = |partition: u32| &self.of_partition[partition as usize];
        let mut all: Vec<u32> = partitions.clone().flat_map(|p| of(p).iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        let mut racks_of_members = members.filter_map(|member| self.of_member[member]);
        racks_of_members.any(|rack| all.contains(&rack))
            && !partitions.clone().all(|partition| *of(partition) == all)
    }
}
