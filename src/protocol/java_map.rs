//! The order in which a Java `HashMap` gives its entries: some of Kafka's choices rest on it.
//!
//! Buckets ascend, and within a bucket entries come as they were put in. A table begins with 16
//! buckets, doubles when it is more than three quarters full and never shrinks. Left out: buckets
//! of eight and more entries, which Java turns into trees.

/// The buckets of a new table.
const FIRST: u32 = 16;

/// A growing table of buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    buckets: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self { buckets: FIRST }
    }
}

impl Table {
    /// A table that is made for so many entries (`new HashMap<>(capacity)`).
    pub const fn with_capacity(capacity: u32) -> Self {
        let least = if capacity == 0 { 1 } else { capacity };
        Self { buckets: least.next_power_of_two() }
    }

    /// Grows the table to what `entries` entries need.
    pub fn hold(&mut self, entries: usize) {
        while entries > self.buckets as usize * 3 / 4 {
            self.buckets *= 2;
        }
    }

    /// The bucket of a hash code.
    pub const fn bucket(self, hash: i32) -> u32 {
        let hash = hash as u32;
        (hash ^ (hash >> 16)) & (self.buckets - 1)
    }
}

/// Puts `items` into the order of a new map that they are put into one after the other.
pub fn sort_by_hash<T>(items: &mut [T], hash: impl Fn(&T) -> i32) {
    let mut table = Table::default();
    table.hold(items.len());
    // Stable: entries of one bucket stay as they were put in.
    items.sort_by_key(|item| table.bucket(hash(item)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::java_string_hash;

    #[test]
    fn entries_come_in_the_order_that_java_gives() {
        let mut names = ["t0", "kq", "orders", "clicks", "payments", "audit"];
        sort_by_hash(&mut names, |name| java_string_hash(name));
        assert_eq!(names, ["kq", "audit", "payments", "clicks", "orders", "t0"]);

        let mut members: Vec<_> = (0..14).collect();
        sort_by_hash(&mut members, |number| java_string_hash(&format!("member-{number}")));
        assert_eq!(members, [5, 6, 3, 13, 4, 12, 9, 11, 10, 7, 8, 1, 2, 0]);
    }

    #[test]
    fn a_table_doubles_when_more_than_three_quarters_full() {
        let mut table = Table::default();
        table.hold(12);
        assert_eq!(table.buckets, 16);
        table.hold(13);
        assert_eq!(table.buckets, 32);
        table.hold(1);
        assert_eq!(table.buckets, 32, "it never shrinks");
    }
}
