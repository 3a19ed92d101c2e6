//! Field types that need a form of their own in Kafka's JSON.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};
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

/// Padding may be left out, and what is left over is not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        BASE64.encode(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text).map_err(|_| serde::de::Error::custom("not base64"))?;
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
