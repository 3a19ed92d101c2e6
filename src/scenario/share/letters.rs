//! Bytes as letters that need no quoting anywhere: base64 as in URLs, without padding; and numbers
//! as bytes, seven bits each.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes as letters.
pub(super) fn letters_of(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that became these letters; none if they did not become them.
pub(super) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Writes a number.
pub(super) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads a number and goes on behind it.
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let digits = u64::from(byte & 0x7f);
        if digits << shift >> shift != digits {
            return None;
        }
        number |= digits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_letters_and_come_back() {
        for len in 0..20u8 {
            let bytes: Vec<u8> = (0..len).map(|place| place.wrapping_mul(97)).collect();
            assert_eq!(bytes_of(&letters_of(&bytes)), Some(bytes));
        }
        assert_eq!(letters_of(&[0xff, 0xef, 0xfe]), "_-_-");
    }

    #[test]
    fn other_letters_are_refused() {
        for text in ["A", "AA=", "AAA+", "AB", "AAB", "ä"] {
            assert_eq!(bytes_of(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, 127, 128, 10_000_000_001, u64::MAX] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            let mut left = &bytes[..];
            assert_eq!((take_number(&mut left), left), (Some(number), &[][..]));
            assert_eq!(take_number(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(take_number(&mut &[0xff; 11][..]), None, "no number is so large");
    }
}
