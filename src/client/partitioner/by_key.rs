//! From a key's hash to its partition: libraries differ in the hash and in what they do with its sign.

use super::hash::HashFunction;

/// How a hash of 32 bits becomes one of so many partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fold {
    /// The sign bit is cleared, then the remainder taken: Java.
    ClearSign,
    /// The remainder of the signed number, without its sign: sarama by default, kafka-go's `Hash`.
    DropSignAfter,
    /// The remainder of the unsigned number: librdkafka.
    Unsigned,
    /// The remainder of the signed number's absolute value: librdkafka's `fnv1a`.
    DropSignBefore,
}

/// The partition that a library gives a key, leader or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyHash {
    /// The hash.
    pub function: HashFunction,
    /// What becomes of it.
    pub fold: Fold,
}

impl KeyHash {
    /// Java's; sarama's `NewMurmur2Partitioner`, kafka-go's `Murmur2Balancer`, librdkafka's `murmur2`,
    /// kafkajs's default since 2.0.
    pub const MURMUR2: Self = Self::new(HashFunction::Murmur2, Fold::ClearSign);
    /// sarama's `NewHashPartitioner` (its default), kafka-go's `Hash`.
    pub const FNV1A: Self = Self::new(HashFunction::Fnv1a, Fold::DropSignAfter);
    /// `NewReferenceHashPartitioner` of sarama, `ReferenceHash` of kafka-go.
    pub const REFERENCE: Self = Self::new(HashFunction::Fnv1a, Fold::ClearSign);
    /// librdkafka's `consistent`, sarama's `NewConsistentCRCHashPartitioner`, kafka-go's
    /// `CRC32Balancer`.
    pub const CRC32: Self = Self::new(HashFunction::Crc32, Fold::Unsigned);
    /// librdkafka's `fnv1a`.
    pub const LIBRDKAFKA_FNV1A: Self = Self::new(HashFunction::Fnv1a, Fold::DropSignBefore);
    /// kafkajs before 2.0.
    pub const KAFKAJS_LEGACY: Self = Self::new(HashFunction::KafkaJsLegacy, Fold::ClearSign);

    /// A hash, and what becomes of it.
    pub const fn new(function: HashFunction, fold: Fold) -> Self {
        Self { function, fold }
    }

    /// The partition of `key`, of so many.
    ///
    /// # Panics
    /// When there are no partitions.
    pub fn partition(self, key: &[u8], partitions: i32) -> i32 {
        assert!(partitions > 0, "a topic has a partition at least");
        let hash = self.function.of(key);
        let signed = hash.cast_signed();
        let count = partitions.cast_unsigned();
        match self.fold {
            Fold::ClearSign => (signed & i32::MAX) % partitions,
            Fold::DropSignAfter => (signed % partitions).abs(),
            Fold::Unsigned => (hash % count).cast_signed(),
            Fold::DropSignBefore => (signed.unsigned_abs() % count).cast_signed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_three_libraries_three_partitions() {
        let of = |hash: KeyHash| hash.partition(b"user-7", 3);
        assert_eq!((of(KeyHash::MURMUR2), of(KeyHash::FNV1A), of(KeyHash::CRC32)), (2, 1, 0));
    }
}
