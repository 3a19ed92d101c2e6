//! Variable-length integers: seven bits per byte, least significant first, the high bit says "more".
//!
//! In Kafka: `ByteUtils`. Signed numbers are zigzag encoded; lengths in records are `varint`,
//! timestamp deltas `varlong`; compact strings and arrays of the protocol are unsigned.

use thiserror::Error;

/// Why bytes are no variable-length integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VarintError {
    /// The bytes end before the number does.
    #[error("the bytes end inside a variable-length integer")]
    Underflow,
    /// The number goes on after the last byte that its width allows.
    #[error("a variable-length integer is longer than its width allows")]
    TooLong,
}

/// Reads numbers from the front of a slice.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// How many bytes were read.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// All the bytes it reads from.
    pub const fn whole(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes are left.
    pub const fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`VarintError::Underflow`] at the end.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, VarintError> {
        let byte = *self.bytes.get(self.position).ok_or(VarintError::Underflow)?;
        self.position += 1;
        Ok(byte)
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`VarintError::Underflow`] when there are fewer.
    #[inline]
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], VarintError> {
        let rest = &self.bytes[self.position..];
        let taken = rest.get(..len).ok_or(VarintError::Underflow)?;
        self.position += len;
        Ok(taken)
    }

    /// An unsigned number of up to five bytes.
    ///
    /// # Errors
    /// When the bytes end inside it, or it takes more than five.
    #[inline]
    pub fn unsigned_varint(&mut self) -> Result<u32, VarintError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u32::from(first));
        }
        let mut value = u32::from(first & 0x7f);
        for shift in [7, 14, 21] {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        let last = self.byte()?;
        if last < 0x80 { Ok(value | u32::from(last) << 28) } else { Err(VarintError::TooLong) }
    }

    /// A signed number of up to five bytes.
    ///
    /// # Errors
    /// When the bytes end inside it, or it takes more than five.
    #[inline]
    pub fn varint(&mut self) -> Result<i32, VarintError> {
        let raw = self.unsigned_varint()?;
        Ok((raw >> 1) as i32 ^ -((raw & 1) as i32))
    }

    /// A signed number of up to ten bytes.
    ///
    /// # Errors
    /// When the bytes end inside it, or it takes more than ten.
    #[inline]
    pub fn varlong(&mut self) -> Result<i64, VarintError> {
        let mut raw = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            raw |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok((raw >> 1) as i64 ^ -((raw & 1) as i64));
            }
        }
        Err(VarintError::TooLong)
    }
}

#[inline]
const fn zigzag(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

#[inline]
const fn zigzag_long(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// How many bytes an unsigned number takes.
#[inline]
pub const fn size_of_unsigned_varint(value: u32) -> usize {
    size_of(value as u64)
}

#[inline]
const fn size_of(value: u64) -> usize {
    // Nearly all take one byte or two.
    if value < 0x80 {
        1
    } else if value < 0x4000 {
        2
    } else {
        (70 - value.leading_zeros() as usize) / 7
    }
}

/// How many bytes a signed number takes.
#[inline]
pub const fn size_of_varint(value: i32) -> usize {
    size_of_unsigned_varint(zigzag(value))
}

/// How many bytes a signed 64-bit number takes.
#[inline]
pub const fn size_of_varlong(value: i64) -> usize {
    size_of(zigzag_long(value))
}

/// Adds an unsigned number.
#[inline]
pub fn write_unsigned_varint(out: &mut Vec<u8>, value: u32) {
    write(out, u64::from(value));
}

/// Adds a signed number.
#[inline]
pub fn write_varint(out: &mut Vec<u8>, value: i32) {
    write(out, u64::from(zigzag(value)));
}

/// Adds a signed 64-bit number.
#[inline]
pub fn write_varlong(out: &mut Vec<u8>, value: i64) {
    write(out, zigzag_long(value));
}

#[inline]
fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_and_has_the_size_it_says(long in any::<i64>(), shift in 0..64_u32) {
            let long = long >> shift;
            let int = long as i32;
            let mut bytes = Vec::new();
            write_varlong(&mut bytes, long);
            prop_assert_eq!(bytes.len(), size_of_varlong(long));
            write_varint(&mut bytes, int);
            prop_assert_eq!(bytes.len(), size_of_varlong(long) + size_of_varint(int));
            write_unsigned_varint(&mut bytes, int as u32);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.varlong(), Ok(long));
            prop_assert_eq!(reader.varint(), Ok(int));
            prop_assert_eq!(reader.unsigned_varint(), Ok(int as u32));
            prop_assert_eq!(reader.remaining(), 0);
            prop_assert_eq!(reader.byte(), Err(VarintError::Underflow));
        }
    }

    #[test]
    fn a_sixth_byte_is_too_long() {
        let bytes = [0xff; 12];
        assert_eq!(Reader::new(&bytes).varint(), Err(VarintError::TooLong));
        assert_eq!(Reader::new(&bytes).varlong(), Err(VarintError::TooLong));
    }
}
