//! Hash functions that client libraries choose a key's partition by.
//!
//! In sarama: `partitioner.go`; in kafka-go: `balancer.go`; in librdkafka: `rd_crc32`, `rd_murmur2`,
//! `rd_fnv1a`; in kafkajs: `partitioners/default` and `partitioners/legacy`. Java's murmur2 is
//! [`murmur2`](crate::protocol::murmur2).

use crate::protocol::crc::crc32c;
use crate::protocol::murmur2::murmur2;

/// A hash of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HashFunction {
    /// Java's: murmur2 with its fixed seed.
    Murmur2,
    /// FNV-1a of 32 bits: sarama, kafka-go.
    Fnv1a,
    /// The CRC-32 of zip files: librdkafka, and those that want to agree with it.
    Crc32,
    /// CRC-32C (Castagnoli), given to sarama by an application.
    Crc32c,
    /// kafkajs before 2.0: a murmur2 that lost bits, because numbers of JavaScript have 53.
    KafkaJsLegacy,
}

impl HashFunction {
    /// The hash of `key`.
    pub fn of(self, key: &[u8]) -> u32 {
        match self {
            Self::Murmur2 => murmur2(key).cast_unsigned(),
            Self::Fnv1a => fnv1a(key),
            Self::Crc32 => crc_fast::crc32_iso_hdlc(key),
            Self::Crc32c => crc32c(key),
            Self::KafkaJsLegacy => kafkajs_legacy(key),
        }
    }
}

fn fnv1a(bytes: &[u8]) -> u32 {
    const OFFSET_BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    bytes.iter().fold(OFFSET_BASIS, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME))
}

fn kafkajs_legacy(key: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    let mut hash = SEED ^ key.len() as u32;
    // An incomplete word at the end is taken as a whole one, and then once more byte by byte.
    for chunk in key.chunks(4) {
        let word = word_of(chunk);
        let word = times_m(word);
        hash = times_m(hash) ^ times_m(word ^ word >> 24);
    }
    let rest = key.chunks_exact(4).remainder();
    if !rest.is_empty() {
        hash = times_m(hash ^ word_of(rest));
    }
    hash = times_m(hash ^ hash >> 13);
    hash ^ hash >> 15
}

fn word_of(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

/// The product as a number of JavaScript, of which the lowest 32 bits are taken.
fn times_m(number: u32) -> u32 {
    const M: i64 = 0x5bd1_e995;
    const DIGITS: u32 = 53;
    let product = i64::from(number.cast_signed()) * M;
    let size = product.unsigned_abs();
    let lost = (u64::BITS - size.leading_zeros()).saturating_sub(DIGITS);
    // To the nearest number with so many digits, of two equally near ones to the even one.
    let mut rounded = size >> lost;
    let rest = size - (rounded << lost);
    let half = (1 << lost) >> 1;
    if lost > 0 && (rest > half || (rest == half && rounded % 2 == 1)) {
        rounded += 1;
    }
    let low = (rounded << lost) as u32;
    if product < 0 { low.wrapping_neg() } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_catalogues() {
        assert_eq!(HashFunction::Fnv1a.of(b"foobar"), 0xbf9c_f968);
        assert_eq!(HashFunction::Crc32.of(b"123456789"), 0xcbf4_3926);
        assert_eq!(HashFunction::Crc32c.of(b"123456789"), 0xe306_9283);
    }
}
