//! Java's random numbers, on which recorded placements rest.

use kafkascope::metadata::placement::Draw;

/// A source of random bits, as `java.util.Random.next(bits)`.
pub trait Bits {
    fn next(&mut self, bits: u32) -> i32;
}

/// `java.util.Random`: a linear congruential generator of 48 bits.
#[derive(Clone, Debug)]
pub struct JavaRandom(u64);

impl JavaRandom {
    pub fn new(seed: i64) -> Self {
        Self((seed as u64 ^ 0x5_DEEC_E66D) & ((1 << 48) - 1))
    }
}

impl Bits for JavaRandom {
    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & ((1 << 48) - 1);
        (self.0 >> (48 - bits)) as i32
    }
}

/// `Random.nextInt(bound)`.
pub fn next_int(bits: &mut impl Bits, bound: i32) -> i32 {
    if bound & (bound - 1) == 0 {
        return ((i64::from(bound) * i64::from(bits.next(31))) >> 31) as i32;
    }
    loop {
        let draw = bits.next(31);
        let value = draw % bound;
        if i64::from(draw) - i64::from(value) + i64::from(bound - 1) < 1 << 31 {
            return value;
        }
    }
}

/// Java's generators as the placer wants them.
#[derive(Clone, Debug)]
pub struct AsDraw<B>(pub B);

impl<B: Bits> Draw for AsDraw<B> {
    fn below(&mut self, bound: usize) -> usize {
        next_int(&mut self.0, bound as i32) as usize
    }
}
