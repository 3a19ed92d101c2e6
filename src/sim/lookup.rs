//! A hash map that cannot be iterated, so that hash order cannot reach the trace.

#[expect(clippy::disallowed_types, reason = "never iterated: only this wrapper sees it")]
use std::collections::HashMap;
use std::hash::Hash;

use rustc_hash::FxBuildHasher;

/// Key to value, by key only.
#[derive(Clone, Debug)]
pub struct Lookup<K, V> {
    #[expect(clippy::disallowed_types, reason = "never iterated: only this wrapper sees it")]
    map: HashMap<K, V, FxBuildHasher>,
}

#[expect(clippy::disallowed_types, reason = "never iterated: only this wrapper sees it")]
impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self { map: HashMap::default() }
    }
}

impl<K: Hash + Eq, V> Lookup<K, V> {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `key`.
    pub fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.get(key)
    }

    /// The value of `key`, for writing.
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.get_mut(key)
    }

    /// Sets the value of `key` and returns the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.map.insert(key, value)
    }

    /// Forgets `key` and returns its value.
    pub fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.remove(key)
    }

    /// How many keys are known.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// True when no key is known.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.map.clear();
    }
}
