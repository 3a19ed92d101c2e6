//! Field types that need a form of their own in Kafka's JSON.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A `float64` by its bits, so that it can be compared and hashed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(from = "f64", into = "f64")]
pub struct Float64(pub u64);

impl From<f64> for Float64 {
    fn from(value: f64) -> Self {
        Self(value.to_bits())
    }
}

impl From<Float64> for f64 {
    fn from(value: Float64) -> Self {
        Self::from_bits(value.0)
    }
}

/// Bytes that Kafka's JSON shows as base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob(pub Bytes);

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(self.0.len().div_ceil(3) * 4);
        for chunk in self.0.chunks(3) {
            let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for index in 0..4 {
                let digit = (bits >> (18 - 6 * index) & 0x3f) as usize;
                text.push(if index <= chunk.len() { BASE64[digit] as char } else { '=' });
            }
        }
        text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        let (mut bits, mut have) = (0_u32, 0);
        for letter in text.bytes().take_while(|letter| *letter != b'=') {
            let digit = BASE64.iter().position(|other| *other == letter);
            let digit = digit.ok_or_else(|| serde::de::Error::custom("not base64"))?;
            bits = bits << 6 | digit as u32;
            have += 6;
            if have >= 8 {
                have -= 8;
                bytes.push((bits >> have) as u8);
            }
        }
        Ok(Self(bytes.into()))
    }
}

/// `Option<BrokerId>` in Kafka's JSON: -1 for none.
pub(crate) mod broker_or_none {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::ids::BrokerId;

    /// Writes it.
    ///
    /// # Errors
    /// Those of `serializer`.
    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn serialize<S: Serializer>(
        id: &Option<BrokerId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(BrokerId::to_wire(*id))
    }

    /// Reads it.
    ///
    /// # Errors
    /// Those of `deserializer`.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<BrokerId>, D::Error> {
        let id = i32::deserialize(deserializer)?;
        Ok((id != -1).then_some(BrokerId(id)))
    }
}
