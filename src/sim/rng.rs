//! Chance: one named stream per (node, purpose), so that a new draw here moves no draw elsewhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Duration;

/// A stream of random numbers with sampling of our own: integers only, the same on every machine.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream called `name` ("consumer/checkout/c1") of the run with `seed`.
    pub fn new(seed: u64, name: &str) -> Self {
        let mut rng = ChaCha8Rng::from_seed(expand(seed));
        rng.set_stream(fnv1a(name));
        Self(rng)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Evenly from `0..bound`.
    ///
    /// # Panics
    /// When `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "nothing lies below zero");
        // Rejection keeps it even: what lies past the last whole multiple is drawn again.
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let draw = self.bits();
            if draw < limit {
                return draw % bound;
            }
        }
    }

    /// Evenly from `low..=high`.
    pub fn span(&mut self, low: Duration, high: Duration) -> Duration {
        let width = high.saturating_sub(low).as_nanos();
        low + Duration::from_nanos(self.below(width + 1))
    }

    /// Sixteen random bytes.
    pub fn bytes16(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Puts `items` in random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}

/// Draw number `count` of the link with hash `link`: a function, so that a link keeps no state.
pub fn counted(seed: u64, link: u64, count: u64) -> u64 {
    mix(mix(seed ^ link.rotate_left(32)).wrapping_add(count))
}

/// The 64-bit FNV-1a hash of a name.
pub fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ byte as u64).wrapping_mul(0x100_0000_01b3)
    })
}

/// 32 seed bytes from 8: explicit, so that an upgrade of a library keeps every trace.
fn expand(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (index, chunk) in bytes.chunks_exact_mut(8).enumerate() {
        chunk.copy_from_slice(&mix(seed.wrapping_add(index as u64)).to_le_bytes());
    }
    bytes
}

/// One step of the `SplitMix64` generator.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_pinned_and_independent() {
        let mut one = Stream::new(1, "broker-1/boot");
        let mut two = Stream::new(1, "broker-2/boot");
        let first = one.bits();
        assert_eq!(first, Stream::new(1, "broker-1/boot").bits());
        assert_ne!(first, two.bits());
        assert_ne!(first, Stream::new(2, "broker-1/boot").bits());
        assert_eq!(first, PINNED, "an upgrade changed the generator: every trace would change");
    }

    const PINNED: u64 = 15_973_596_075_445_463_013;

    #[test]
    fn below_stays_below() {
        let mut stream = Stream::new(7, "test");
        for bound in 1..200 {
            assert!(stream.below(bound) < bound);
        }
    }
}
