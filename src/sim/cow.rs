//! Containers that are cheap to clone: the clone shares everything until one side writes.
//!
//! A checkpoint is a clone of the whole simulation, so what is large lives in these.

use std::sync::Arc;

const CHUNK: usize = 64;

/// A growable array in shared chunks of 64. A clone copies one pointer per chunk; a write after
/// it copies the pointers of one chunk and the one element.
#[derive(Clone, Debug)]
pub struct CowVec<T> {
    chunks: Vec<Arc<Vec<Arc<T>>>>,
    len: usize,
}

impl<T> Default for CowVec<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Clone> CowVec<T> {
    /// An empty array.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when there is no element.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds `value` at the end and returns its index.
    pub fn push(&mut self, value: T) -> usize {
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(Arc::new(Vec::with_capacity(4)));
        }
        let chunk = self.chunks.last_mut().expect("a chunk was just made");
        Arc::make_mut(chunk).push(Arc::new(value));
        self.len += 1;
        self.len - 1
    }

    /// The element at `index`, if there is one.
    pub fn get(&self, index: usize) -> Option<&T> {
        Some(self.chunks.get(index / CHUNK)?.get(index % CHUNK)?)
    }

    /// The element at `index` for writing, if there is one. Copies what a clone still shares.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let chunk = Arc::make_mut(self.chunks.get_mut(index / CHUNK)?);
        Some(Arc::make_mut(chunk.get_mut(index % CHUNK)?))
    }

    /// All elements in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).map(AsRef::as_ref)
    }
}

impl<T: Clone> std::ops::Index<usize> for CowVec<T> {
    type Output = T;
    fn index(&self, index: usize) -> &T {
        &self.chunks[index / CHUNK][index % CHUNK]
    }
}

impl<T: Clone> std::ops::IndexMut<usize> for CowVec<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        let chunk = Arc::make_mut(&mut self.chunks[index / CHUNK]);
        Arc::make_mut(&mut chunk[index % CHUNK])
    }
}

impl<T: Clone> FromIterator<T> for CowVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut all = Self::new();
        for item in items {
            all.push(item);
        }
        all
    }
}

/// A growable array of plain values in shared chunks of 64: like [`CowVec`], without a pointer per
/// element. For small `Copy`-like elements that are mostly appended.
#[derive(Clone, Debug)]
pub struct CowList<T> {
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for CowList<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Clone> CowList<T> {
    /// An empty array.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when there is no element.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds `value` at the end.
    pub fn push(&mut self, value: T) {
        if self.len.is_multiple_of(CHUNK) {
            let room = if self.len == 0 { 1 } else { CHUNK };
            self.chunks.push(Arc::new(Vec::with_capacity(room)));
        }
        let chunk = self.chunks.last_mut().expect("a chunk was just made");
        Arc::make_mut(chunk).push(value);
        self.len += 1;
    }

    /// Adds `values` at the end. A chunk is taken for writing once, not for each of them.
    pub fn extend(&mut self, values: impl IntoIterator<Item = T>) {
        let mut values = values.into_iter();
        while let Some(first) = values.next() {
            self.push(first);
            let chunk = self.chunks.last_mut().expect("it was just pushed to");
            let chunk = Arc::get_mut(chunk).expect("it was just pushed to");
            while !self.len.is_multiple_of(CHUNK)
                && let Some(value) = values.next()
            {
                chunk.push(value);
                self.len += 1;
            }
        }
    }

    /// The element at `index`, if there is one.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// The element at `index` for writing, if there is one. Copies the chunk if a clone shares it.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        Arc::make_mut(self.chunks.get_mut(index / CHUNK)?).get_mut(index % CHUNK)
    }

    /// The last element, if there is one.
    pub fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    /// The last element for writing, if there is one.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        Arc::make_mut(self.chunks.last_mut()?).last_mut()
    }

    /// Removes the last element.
    pub fn pop(&mut self) -> Option<T> {
        let chunk = Arc::make_mut(self.chunks.last_mut()?);
        let value = chunk.pop();
        if chunk.is_empty() {
            self.chunks.pop();
        }
        self.len -= usize::from(value.is_some());
        value
    }

    /// Keeps the first `len` elements.
    pub fn truncate(&mut self, len: usize) {
        while self.len > len {
            let last = self.chunks.last_mut().expect("elements are left");
            let start = (self.len - 1) / CHUNK * CHUNK;
            if start >= len {
                self.len = start;
                self.chunks.pop();
            } else {
                Arc::make_mut(last).truncate(len - start);
                self.len = len;
            }
        }
    }

    /// All elements in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The elements from `index` on, in order.
    pub fn iter_from(&self, index: usize) -> impl Iterator<Item = &T> {
        let chunks = self.chunks.get(index / CHUNK..).unwrap_or_default();
        let (first, rest) = chunks.split_at(chunks.len().min(1));
        let first = first.iter().flat_map(move |chunk| &chunk[(index % CHUNK).min(chunk.len())..]);
        first.chain(rest.iter().flat_map(|chunk| chunk.iter()))
    }

    /// The index of the first element for which `before` is false; all earlier ones satisfy it.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&mut before));
        match self.chunks.get(chunk) {
            Some(items) => chunk * CHUNK + items.partition_point(before),
            None => self.len,
        }
    }
}

impl<T: Clone> std::ops::Index<usize> for CowList<T> {
    type Output = T;
    fn index(&self, index: usize) -> &T {
        &self.chunks[index / CHUNK][index % CHUNK]
    }
}

impl<T: Clone> std::ops::IndexMut<usize> for CowList<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut Arc::make_mut(&mut self.chunks[index / CHUNK])[index % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_its_own_values() {
        let mut one: CowVec<u32> = (0..200).collect();
        let two = one.clone();
        one[150] = 7;
        assert_eq!((one[150], two[150]), (7, 150));
        assert_eq!(two.iter().copied().sum::<u32>(), 199 * 200 / 2);
    }

    #[test]
    fn extending_a_list_is_pushing_many_times() {
        let mut list = CowList::new();
        for len in [0_u32, 1, 62, 1, 1, 200, 0, 7] {
            let before = list.clone();
            let from = list.len() as u32;
            list.extend(from..from + len);
            assert_eq!(before.len() as u32, from, "a clone keeps what it has");
        }
        assert!(list.iter().copied().eq(0..272));
    }

    #[test]
    fn truncating_a_list_crosses_chunks() {
        let mut list = CowList::new();
        for n in 0..200_u32 {
            list.push(n);
        }
        let whole = list.clone();
        list.truncate(65);
        assert_eq!((list.len(), list.last()), (65, Some(&64)));
        list.truncate(64);
        list.push(9);
        assert_eq!((list[64], whole[64]), (9, 64));
        assert_eq!(whole.partition_point(|n| *n < 130), 130);
        assert_eq!(whole.iter_from(198).copied().collect::<Vec<_>>(), [198, 199]);
        list.truncate(0);
        assert!(list.is_empty() && list.pop().is_none());
    }
}
