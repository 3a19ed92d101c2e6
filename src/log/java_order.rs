//! The order in which Java's and Scala's hash maps list their keys.
//!
//! Some files are written in that order: the entries of a producer snapshot and the lines of a
//! checkpoint. To write the same bytes, the order is computed here from the hash codes.

use crate::ids::{TopicPartition, java_string_hash};

/// Java's `Long.hashCode`.
pub(super) const fn long_hash(value: i64) -> i32 {
    (value as u64 ^ value as u64 >> 32) as i32
}

/// Kafka's `TopicPartition.hashCode`.
pub fn topic_partition_hash(tp: &TopicPartition) -> i32 {
    let prime = 31_i32;
    let partition = prime.wrapping_add(tp.partition.0);
    prime.wrapping_mul(partition).wrapping_add(java_string_hash(&tp.topic))
}

const fn spread(hash: i32) -> u32 {
    hash as u32 ^ hash as u32 >> 16
}

/// The bucket of a `java.util.HashMap` with a table of `table` buckets that a key is in.
pub(super) const fn java_bucket(hash: i32, table: usize) -> usize {
    spread(hash) as usize & (table - 1)
}

/// How large the table of a `java.util.HashMap` is that has held up to `most` keys.
pub(super) const fn java_table(most: usize) -> usize {
    let mut table = 16;
    while most > table / 4 * 3 {
        table *= 2;
    }
    table
}

/// Puts `items` in the order of a Scala `mutable.HashMap` that was made of all of them.
pub fn scala_hash_map_order<T>(items: &mut [T], hash: impl Fn(&T) -> i32) {
    let capacity = (items.len() + 1) * 4 / 3;
    let table = 2 << capacity.saturating_sub(1).max(4).ilog2();
    items.sort_by_cached_key(|item| {
        let hash = spread(hash(item));
        (hash as usize & (table - 1), hash as i32)
    });
}

/// Puts `items` in the order of a Scala `mutable.AnyRefMap` that they were added to one by one, as a
/// `ConcurrentHashMap` lists them.
pub fn any_ref_map_order<T>(items: Vec<T>, hash: impl Fn(&T) -> i32) -> Vec<T> {
    let mut table = 16;
    while items.len() >= table / 4 * 3 {
        table *= 2;
    }
    let mut items: Vec<(i32, T)> = items.into_iter().map(|item| (hash(&item), item)).collect();
    items.sort_by_key(|(hash, _)| spread(*hash) as usize & (table - 1));
    let mut map = AnyRefMap { slots: Vec::new(), used: 0 };
    map.slots.resize_with(16, || None);
    for (hash, item) in items {
        map.insert(any_ref_hash(hash), item);
    }
    map.slots.into_iter().flatten().map(|(_, item)| item).collect()
}

/// Open addressing, as Scala's.
struct AnyRefMap<T> {
    slots: Vec<Option<(u32, T)>>,
    used: usize,
}

impl<T> AnyRefMap<T> {
    fn insert(&mut self, hash: u32, item: T) {
        let slot = self.free_slot(hash);
        self.slots[slot] = Some((hash, item));
        self.used += 1;
        if 2 * self.used > self.slots.len() - 1 {
            self.grow();
        }
    }

    fn free_slot(&self, hash: u32) -> usize {
        let mask = self.slots.len() as i64 - 1;
        let (mut slot, mut step) = (i64::from(hash) & mask, 0_i64);
        while self.slots[slot as usize].is_some() {
            step += 1;
            slot = (slot + 2 * (step + 1) * step - 3) & mask;
        }
        slot as usize
    }

    fn grow(&mut self) {
        let larger = self.slots.len() * 2;
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(larger, || None);
        for (hash, item) in old.into_iter().flatten() {
            let slot = self.free_slot(hash);
            self.slots[slot] = Some((hash, item));
        }
    }
}

const fn any_ref_hash(hash: i32) -> u32 {
    let mixed = spread(hash).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ mixed >> 13) & 0x7fff_ffff;
    if mixed == 0 { 0x4108_1989 } else { mixed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders_of_recorded_checkpoints() {
        let mut tps: Vec<_> = (0..3).map(|index| TopicPartition::new("kq", index)).collect();
        scala_hash_map_order(&mut tps, topic_partition_hash);
        let order: Vec<_> = tps.iter().map(|tp| tp.partition.0).collect();
        assert_eq!(order, [2, 1, 0]);
        let order: Vec<_> = any_ref_map_order(tps, topic_partition_hash);
        assert_eq!(order.iter().map(|tp| tp.partition.0).collect::<Vec<_>>(), [1, 2, 0]);
    }
}
