//! How well a topic's records are expected to compress: it decides how many of them fit into a batch that
//! is still being filled.
//!
//! In Kafka: `CompressionRatioEstimator`, and `MemoryRecordsBuilder.estimatedBytesWritten`. Kafka reckons with
//! `float`s; here the same numbers come from whole ones, rounded where a `float` is.

use std::cmp::Ordering;

use crate::protocol::Batch;

/// The bits after the point: enough for every `float` that a ratio can be.
const POINT: u32 = 40;
/// Java's `0.005f`: by so much the expectation falls at most when a batch compresses better.
const IMPROVING_STEP: u128 = 10_737_418 << (POINT - 31);
/// Java's `0.05f`: by so much it rises at least when one compresses worse.
const DETERIORATE_STEP: u128 = 13_421_773 << (POINT - 28);
/// Java's `1.05f`: what is expected is not quite trusted.
const ESTIMATION_FACTOR: u128 = 8_808_038 << (POINT - 23);

/// Compressed bytes to uncompressed ones, as a 32-bit `float` would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CompressionRatio(u128);

impl CompressionRatio {
    /// What is expected before anything was compressed.
    pub(super) const INITIAL: Self = Self(1 << POINT);

    /// How well a batch was compressed.
    pub(super) fn of(batch: &Batch) -> Self {
        let plain = batch.plain_records().0.len().max(1);
        Self::quotient(batch.records().len() as u128, plain as u128)
    }

    fn quotient(packed: u128, plain: u128) -> Self {
        let packed = packed << (2 * POINT);
        // Whether the division leaves something decides how a number just between two is rounded.
        let inexact = u128::from(!packed.is_multiple_of(plain));
        Self(rounded((packed / plain) | inexact) >> POINT)
    }

    /// A batch compressed to `observed`: what is expected of the next one.
    #[must_use]
    pub(super) fn after(self, observed: Self) -> Self {
        let expected = self.0;
        let step = match observed.0.cmp(&expected) {
            Ordering::Greater => rounded(expected + DETERIORATE_STEP),
            Ordering::Less => rounded(expected.saturating_sub(IMPROVING_STEP)),
            Ordering::Equal => return self,
        };
        Self(step.max(observed.0))
    }

    /// What is expected after a broker refused a batch of this ratio as too large.
    #[must_use]
    pub(super) fn after_split(self) -> Self {
        self.max(Self::INITIAL)
    }

    /// How many bytes so many are expected to become.
    pub(super) fn estimate(self, bytes: usize) -> usize {
        let expected = rounded(rounded(bytes as u128) * self.0);
        (rounded(expected * ESTIMATION_FACTOR) >> (2 * POINT)) as usize
    }
}

/// The nearest number of 24 bits followed by zeros; of two, the even one. That is what `float` keeps.
const fn rounded(value: u128) -> u128 {
    let excess = (u128::BITS - value.leading_zeros()).saturating_sub(24);
    if excess == 0 {
        return value;
    }
    let (kept, rest) = (value >> excess, value & ((1 << excess) - 1));
    let half = 1 << (excess - 1);
    let up = rest > half || (rest == half && kept & 1 == 1);
    (kept + up as u128) << excess
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::rng::Stream;

    /// `CompressionRatioEstimator` with the `float`s that Java has.
    fn java_after(expected: f32, observed: f32) -> f32 {
        if observed > expected {
            f32::max(expected + 0.05, observed)
        } else if observed < expected {
            f32::max(expected - 0.005, observed)
        } else {
            expected
        }
    }

    fn as_float(ratio: CompressionRatio) -> f32 {
        (ratio.0 as f64 / (1_u64 << POINT) as f64) as f32
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "they are equal to the bit")]
    fn whole_numbers_reckon_like_javas_floats() {
        let mut chance = Stream::new(7, "ratios");
        let (mut ours, mut java) = (CompressionRatio::INITIAL, 1.0_f32);
        for _ in 0..100_000 {
            let plain = 1 + chance.below(1 << 20);
            let packed = 1 + chance.below(plain + plain / 2);
            let observed = CompressionRatio::quotient(packed as u128, plain as u128);
            assert_eq!(as_float(observed), packed as f32 / plain as f32, "{packed}/{plain}");
            ours = ours.after(observed);
            java = java_after(java, packed as f32 / plain as f32);
            assert_eq!(as_float(ours), java);
            let bytes = chance.below(1 << 20) as usize;
            assert_eq!(ours.estimate(bytes), (bytes as f32 * java * 1.05) as usize, "{bytes}");
        }
    }
}
