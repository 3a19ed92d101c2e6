//! Names and numbers that must not be mixed up. Kafka's `-1` lives in the codecs; here it is `None`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};
use serde::{Deserialize, Serialize};

/// Makes a newtype around a number, with the arithmetic that every one of them has. It is written
/// like its number, with its name for those who ask: sentences say "broker-1" for a broker's id.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number! {
    /// `node.id`: a broker's or controller's number, unique in the cluster.
    BrokerId(i32)
}
number! {
    /// The number of a partition in its topic, from 0.
    PartitionIndex(i32)
}
number! {
    /// Place of a record in one partition's log. Every *end* offset is exclusive: it names the
    /// first record not included.
    Offset(u64)
}
number! {
    /// Raised by the controller with every change of a partition's leader.
    LeaderEpoch(i32)
}
number! {
    /// Raised by the controller with every change of a partition's state (KIP-497).
    PartitionEpoch(i32)
}
number! {
    /// Given to a broker at each registration: the offset of its registration record (KIP-380, KIP-631).
    BrokerEpoch(i64)
}
number! {
    /// The epoch of the KRaft leader, or of the ZooKeeper controller.
    ControllerEpoch(i32)
}
number! {
    /// Identifies an idempotent or transactional producer (KIP-98).
    ProducerId(i64)
}
number! {
    /// Fences older incarnations of a transactional producer (KIP-98).
    ProducerEpoch(i16)
}
number! {
    /// The number of a classic group's completed rebalances.
    Generation(i32)
}
number! {
    /// Milliseconds since 1970, as records carry them.
    Timestamp(i64)
}

impl Offset {
    /// How many offsets lie between `earlier` and here.
    ///
    /// # Panics
    /// When `earlier` is later.
    pub fn records_since(self, earlier: Self) -> u64 {
        self.0.checked_sub(earlier.0).expect("`earlier` is not later")
    }

    /// The offset `records` further on.
    #[must_use]
    pub const fn plus(self, records: u64) -> Self {
        Self(self.0 + records)
    }

    /// The next offset.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Kafka's form: -1 for none.
    pub fn to_wire(offset: Option<Self>) -> i64 {
        offset.map_or(-1, |offset| offset.0 as i64)
    }

    /// From Kafka's form: anything negative is none.
    pub fn from_wire(offset: i64) -> Option<Self> {
        u64::try_from(offset).ok().map(Self)
    }
}

impl LeaderEpoch {
    /// The next epoch.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Kafka's form: -1 for none.
    pub fn to_wire(epoch: Option<Self>) -> i32 {
        epoch.map_or(-1, |epoch| epoch.0)
    }

    /// From Kafka's form: anything negative is none.
    pub fn from_wire(epoch: i32) -> Option<Self> {
        (epoch >= 0).then_some(Self(epoch))
    }
}

impl PartitionEpoch {
    /// The next epoch.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl BrokerId {
    /// Kafka's form: -1 for none.
    pub fn to_wire(id: Option<Self>) -> i32 {
        id.map_or(-1, |id| id.0)
    }

    /// From Kafka's form: anything negative is none.
    pub fn from_wire(id: i32) -> Option<Self> {
        (id >= 0).then_some(Self(id))
    }
}

/// A 128-bit id as Kafka's `Uuid` writes it: 22 characters of URL-safe base64.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub u128);

impl Uuid {
    /// All zero: no id.
    pub const ZERO: Self = Self(0);

    /// An id with the version and variant bits of a random UUID. `None` for one that would begin
    /// with "-", which Kafka never makes: draw again.
    pub fn from_random(bytes: [u8; 16]) -> Option<Self> {
        let id = Self(u128::from_be_bytes(
            *uuid::Builder::from_random_bytes(bytes).as_uuid().as_bytes(),
        ));
        (!id.to_string().starts_with('-')).then_some(id)
    }

    /// The 16 bytes, most significant first.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Reads the 22 characters that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = BASE64.decode(text).ok()?.try_into().ok()?;
        Some(Self(u128::from_be_bytes(bytes)))
    }
}

/// Of the last letter two bits count; the others are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE64.encode(self.to_bytes()))
    }
}

impl From<Uuid> for uuid::Uuid {
    fn from(id: Uuid) -> Self {
        Self::from_u128(id.0)
    }
}

impl From<uuid::Uuid> for Uuid {
    fn from(id: uuid::Uuid) -> Self {
        Self(id.as_u128())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Uuid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a 22-character Kafka id"))
    }
}

/// Identifies a topic for as long as it exists (KIP-516); a topic made anew has another.
pub type TopicId = Uuid;

/// A name that is handed around a lot: a topic, a group, a client id, a member id.
pub type Name = Arc<str>;

/// A partition of a named topic.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Name,
    /// The partition's number.
    pub partition: PartitionIndex,
}

impl TopicPartition {
    /// Partition number `partition` of `topic`.
    pub fn new(topic: impl Into<Name>, partition: i32) -> Self {
        Self { topic: topic.into(), partition: PartitionIndex(partition) }
    }
}

/// By topic, then by number. Most that meet are of one topic and share its name.
impl Ord for TopicPartition {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_topic = if Arc::ptr_eq(&self.topic, &other.topic) {
            Ordering::Equal
        } else {
            self.topic.cmp(&other.topic)
        };
        by_topic.then(self.partition.cmp(&other.partition))
    }
}

impl PartialOrd for TopicPartition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `kq-0`, as Kafka's logs and directories write it.
impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{}", self.topic, self.partition))
    }
}

impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A partition by its topic's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicIdPartition {
    /// The topic's id.
    pub topic_id: TopicId,
    /// The partition's number.
    pub partition: PartitionIndex,
}

/// Java's `String.hashCode`: over UTF-16 units, wrapping. Kafka's choice of a group's offsets
/// partition and the order of Java hash maps rest on it.
pub fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_read_what_they_print() {
        let id = Uuid::parse("eEeU_OXxTGqejAv5U4yyQA").expect("22 characters");
        assert_eq!(id.to_string(), "eEeU_OXxTGqejAv5U4yyQA");
        assert_eq!(Uuid(u128::MAX).to_string(), "_____________________w");
        assert_eq!(Uuid::parse("short"), None);
    }

    #[test]
    fn java_hash_codes() {
        assert_eq!(java_string_hash("polygenelubricants"), i32::MIN);
        assert_eq!(java_string_hash(""), 0);
    }
}
