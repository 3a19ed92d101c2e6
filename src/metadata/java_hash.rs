//! The order in which Java's hash maps and sets hand out their elements.
//!
//! It shows where Kafka iterates one: racks draw their random offsets in that order, and the ELR
//! lists its members in it.

/// A Java `HashSet` of few elements: their order is all that is wanted of it.
#[derive(Clone, Debug)]
pub struct HashOrder<T> {
    elements: Vec<T>,
    table: usize,
}

impl<T: PartialEq> HashOrder<T> {
    /// `new HashSet<>()`.
    pub const fn new() -> Self {
        Self { elements: Vec::new(), table: 16 }
    }

    /// `new HashSet<>(room)`: with room for about so many elements before it grows.
    pub fn with_table(room: usize) -> Self {
        Self { elements: Vec::new(), table: room.next_power_of_two() }
    }

    /// `new HashSet<>(elements)`.
    pub fn of(elements: impl ExactSizeIterator<Item = T>) -> Self {
        let room = (elements.len() * 4 / 3 + 1).max(16).next_power_of_two();
        let mut set = Self { elements: Vec::with_capacity(elements.len()), table: room };
        set.extend(elements);
        set
    }

    /// Adds what is not yet there.
    pub fn extend(&mut self, elements: impl IntoIterator<Item = T>) {
        for element in elements {
            if !self.elements.contains(&element) {
                self.elements.push(element);
                if self.elements.len() * 4 > self.table * 3 {
                    self.table *= 2;
                }
            }
        }
    }

    /// The elements as iterating the set would give them; `hash` is their `hashCode`.
    pub fn iterated(&self, hash: impl Fn(&T) -> i32) -> Vec<&T> {
        // Buckets in order; in a bucket as inserted, which growing the table keeps.
        let mut order: Vec<&T> = self.elements.iter().collect();
        order.sort_by_key(|element| bucket(hash(element), self.table));
        order
    }
}

impl<T: PartialEq> Default for HashOrder<T> {
    fn default() -> Self {
        Self::new()
    }
}

fn bucket(hash: i32, table: usize) -> usize {
    let hash = hash as u32;
    (hash ^ hash >> 16) as usize & (table - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_comes_before_one_until_the_table_grows() {
        let mut set = HashOrder::of([1, 16, 2].into_iter());
        let hash = |element: &i32| *element;
        assert_eq!(set.iterated(hash), [&16, &1, &2]);
        set.extend(1..13);
        assert_eq!(set.iterated(hash).last(), Some(&&16));
    }
}
