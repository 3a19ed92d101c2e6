//! Where requests wait until a partition moves on, or their time is up.
//!
//! In Kafka: `DelayedOperationPurgatory`.

use smallvec::SmallVec;

/// The slots of the replicas that a request waits for.
pub type Keys = SmallVec<[u32; 12]>;

#[derive(Clone, Debug)]
struct Waiting<T> {
    operation: T,
    keys: Keys,
}

/// Requests of one kind that wait for replicas, which are named by their slots.
#[derive(Clone, Debug)]
pub struct Purgatory<T> {
    slots: Vec<Option<Waiting<T>>>,
    free: Vec<u32>,
    /// Who watches a replica, by its slot and in the order in which they came.
    watchers: Vec<SmallVec<[u32; 4]>>,
    len: usize,
}

impl<T> Default for Purgatory<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), watchers: Vec::new(), len: 0 }
    }
}

impl<T> Purgatory<T> {
    /// How many requests wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Lets `operation` wait for the replicas `keys`; returns the slot it waits in.
    pub fn add(&mut self, operation: T, keys: Keys) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32 - 1
        });
        for key in &keys {
            let key = *key as usize;
            if self.watchers.len() <= key {
                self.watchers.resize_with(key + 1, SmallVec::new);
            }
            self.watchers[key].push(slot);
        }
        self.slots[slot as usize] = Some(Waiting { operation, keys });
        self.len += 1;
        slot
    }

    /// The slots of those that wait for the replica `key`, in the order in which they came.
    pub fn watching(&self, key: u32) -> SmallVec<[u32; 4]> {
        let watchers = self.watchers.get(key as usize).map_or(&[][..], SmallVec::as_slice);
        SmallVec::from_slice(watchers)
    }

    /// True if anybody waits for the replica `key`.
    pub fn is_watched(&self, key: u32) -> bool {
        self.watchers.get(key as usize).is_some_and(|watchers| !watchers.is_empty())
    }

    /// What waits in `slot`.
    pub fn get(&self, slot: u32) -> Option<&T> {
        Some(&self.slots.get(slot as usize)?.as_ref()?.operation)
    }

    /// What waits in `slot`, for changing.
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        Some(&mut self.slots.get_mut(slot as usize)?.as_mut()?.operation)
    }

    /// Takes what waits in `slot` out.
    pub fn remove(&mut self, slot: u32) -> Option<T> {
        let waiting = self.slots.get_mut(slot as usize)?.take()?;
        for key in &waiting.keys {
            let watchers = &mut self.watchers[*key as usize];
            if let Some(place) = watchers.iter().position(|watcher| *watcher == slot) {
                watchers.remove(place);
            }
        }
        self.free.push(slot);
        self.len -= 1;
        Some(waiting.operation)
    }

    /// Everything that waits, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(slot, waiting)| Some((slot as u32, &waiting.as_ref()?.operation)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_waits_for_several_keys_and_leaves_them_all() {
        let mut purgatory = Purgatory::default();
        let one = purgatory.add("one", Keys::from_slice(&[1, 2]));
        let two = purgatory.add("two", Keys::from_slice(&[2]));
        assert_eq!(purgatory.watching(2).as_slice(), [one, two]);
        assert_eq!(purgatory.remove(one), Some("one"));
        assert_eq!(purgatory.watching(2).as_slice(), [two]);
        assert!(!purgatory.is_watched(1));
        assert_eq!(purgatory.add("three", Keys::from_slice(&[1])), one);
        assert_eq!(purgatory.len(), 2);
    }
}
