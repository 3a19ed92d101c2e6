//! Where records go whose key does not count: in turn or by chance, each library in its own way.

use super::{Partitions, RoundRobinPartitioner};
use crate::protocol::murmur2::to_positive;

/// A way to spread records that looks at no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Any, each with the same chance.
    Random,
    /// Java's `RoundRobinPartitioner`.
    Java(RoundRobinPartitioner),
    /// sarama's `NewRoundRobinPartitioner`: one after the other, from the first again after the last.
    Sarama {
        /// The place of the next one.
        next: i32,
    },
    /// kafka-go's `RoundRobin`.
    KafkaGo {
        /// So many records in a row go to each partition; 0 is 1.
        chunk: u32,
        /// How many records there were.
        records: u32,
    },
    /// kafkajs: in turn from a random start on.
    KafkaJs {
        /// The number of the last record; none before the first.
        last: Option<u32>,
    },
}

impl Spread {
    /// The partition of the next record.
    pub fn next(&mut self, partitions: Partitions<'_>, mut draw: impl FnMut() -> i32) -> i32 {
        match self {
            Self::Random => partitions.pick(draw()),
            Self::Java(round_robin) => round_robin.next(partitions),
            Self::Sarama { next } => {
                if *next >= partitions.choosable() {
                    *next = 0;
                }
                *next += 1;
                partitions.pick(*next - 1)
            }
            Self::KafkaGo { chunk, records } => {
                let place = *records / (*chunk).max(1);
                *records = records.wrapping_add(1);
                partitions.pick((place % partitions.choosable().cast_unsigned()).cast_signed())
            }
            Self::KafkaJs { last } => {
                let number = last.unwrap_or_else(|| draw().cast_unsigned()).wrapping_add(1);
                *last = Some(number);
                partitions.pick(to_positive(number.cast_signed()))
            }
        }
    }
}
