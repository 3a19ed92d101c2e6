//! Which partition of its topic a record goes to.
//!
//! In Kafka: `BuiltInPartitioner` (KIP-480, KIP-794) and `RoundRobinPartitioner`. Other libraries: hashes
//! of the key ([`KeyHash`]), ways to spread records without ([`Spread`]), kafka-go's [`LeastBytes`]. A
//! library's partitioner is a value put together from these; no library has code of its own elsewhere.

mod built_in;
mod by_key;
mod hash;
mod least_bytes;
mod round_robin;
mod spread;

pub use built_in::BuiltInPartitioner;
pub use by_key::{Fold, KeyHash};
pub use hash::HashFunction;
pub use least_bytes::LeastBytes;
pub use round_robin::RoundRobinPartitioner;
pub use spread::Spread;

/// What a producer knows of a topic's partitions.
#[derive(Clone, Copy, Debug)]
pub struct Partitions<'a> {
    /// How many there are.
    pub count: i32,
    /// Those that may be chosen where the key does not decide: with a leader, or all for kafka-go.
    pub available: &'a [i32],
}

impl Partitions<'_> {
    /// The one that `number` falls on: among those with a leader, or among all if none has.
    fn pick(self, number: i32) -> i32 {
        assert!(number >= 0, "a number to pick by is not negative");
        if self.available.is_empty() {
            number % self.count
        } else {
            self.available[number as usize % self.available.len()]
        }
    }

    /// Among how many [`Partitions::pick`] chooses.
    const fn choosable(self) -> i32 {
        if self.available.is_empty() { self.count } else { self.available.len() as i32 }
    }
}

/// What a partitioner looks at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// The key.
    pub key: Option<&'a [u8]>,
    /// How long the value is, in bytes.
    pub value_len: usize,
    /// The partition that the application named.
    pub partition: Option<i32>,
}

impl<'a> Message<'a> {
    /// A record with this key.
    pub const fn with_key(key: Option<&'a [u8]>) -> Self {
        Self { key, value_len: 0, partition: None }
    }
}

/// The partitioner of one topic in one producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partitioner {
    /// Java's default: by the key's hash; a record without key goes where the last ones went, for a
    /// batch's worth of bytes.
    BuiltIn {
        /// `partitioner.ignore.keys`.
        ignore_keys: bool,
        /// Where records without key go.
        sticky: BuiltInPartitioner,
    },
    /// By the key's hash.
    ByKey {
        /// The hash.
        hash: KeyHash,
        /// An empty key is none: librdkafka and kafka-go's `CRC32Balancer`.
        empty_is_none: bool,
        /// Where records without key go.
        otherwise: Spread,
    },
    /// Whatever the key.
    Spread(Spread),
    /// Where the fewest bytes went, whatever the key.
    LeastBytes(LeastBytes),
    /// Where the application says, there or not: sarama's `NewManualPartitioner`.
    Manual,
}

impl Partitioner {
    /// By the key's hash; records without key go where `otherwise` says.
    pub const fn by_key(hash: KeyHash, otherwise: Spread) -> Self {
        Self::ByKey { hash, empty_is_none: false, otherwise }
    }

    /// The partition of the next record. `draw` gives random numbers that are not negative.
    pub fn partition(
        &mut self,
        message: Message<'_>,
        partitions: Partitions<'_>,
        draw: impl FnMut() -> i32,
    ) -> i32 {
        match (self, message.key) {
            (Self::BuiltIn { ignore_keys: false, .. }, Some(key)) => {
                partition_for_key(key, partitions.count)
            }
            (Self::BuiltIn { sticky, .. }, _) => sticky.peek(partitions, draw),
            (Self::ByKey { hash, empty_is_none, .. }, Some(key))
                if !(*empty_is_none && key.is_empty()) =>
            {
                hash.partition(key, partitions.count)
            }
            (Self::ByKey { otherwise: spread, .. } | Self::Spread(spread), _) => {
                spread.next(partitions, draw)
            }
            (Self::LeastBytes(least), key) => {
                let bytes = key.map_or(0, <[u8]>::len) + message.value_len;
                least.next(bytes as u64, partitions.available)
            }
            // A field that nobody set is zero.
            (Self::Manual, _) => message.partition.unwrap_or(0),
        }
    }

    /// True if the key alone decides, so that a partition without leader is chosen as well.
    pub fn is_decided_by(&self, key: Option<&[u8]>) -> bool {
        match self {
            Self::BuiltIn { ignore_keys, .. } => !ignore_keys && key.is_some(),
            Self::ByKey { empty_is_none, .. } => {
                key.is_some_and(|key| !(*empty_is_none && key.is_empty()))
            }
            Self::Manual => true,
            Self::Spread(_) | Self::LeastBytes(_) => false,
        }
    }
}

/// The partition that Java clients give a key, leader or not.
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    KeyHash::MURMUR2.partition(key, partitions)
}
