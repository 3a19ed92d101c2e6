//! Records of the internal topics that coordinators keep their state in.
//!
//! In Kafka: `CoordinatorRecord`, `CoordinatorRecordSerde`. A key is its record type (int16) and its
//! fields at version 0, a value its version (int16) and its fields; a record without value is a
//! tombstone. Each of the three logs numbers its record types by itself.

mod classic_group;
mod consumer_group;
mod offset_commit;
mod share_group;
mod share_state;
mod streams_group;
mod transaction;

use bytes::{Buf, Bytes};
use serde::Serialize;

use super::schema::{Message, SchemaError};

pub use classic_group::*;
pub use consumer_group::*;
pub use offset_commit::*;
pub use share_group::*;
pub use share_state::*;
pub use streams_group::*;
pub use transaction::*;

/// A key with its value, or with none: a tombstone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry<K, V> {
    /// The key.
    pub key: K,
    /// The value; none for a tombstone.
    pub value: Option<V>,
    /// The version that the value is written at; of no meaning for a tombstone.
    pub version: i16,
}

impl<K: Message, V: Message> Entry<K, V> {
    /// `value` under `key`, written at `version`.
    pub const fn new(key: K, value: V, version: i16) -> Self {
        Self { key, value: Some(value), version }
    }

    /// Nothing under `key` any more.
    pub const fn tombstone(key: K) -> Self {
        Self { key, value: None, version: 0 }
    }

    fn encode(&self, record_type: i16) -> (Bytes, Option<Bytes>) {
        let mut key = record_type.to_be_bytes().to_vec();
        self.key.encode(0, &mut key);
        let value = self.value.as_ref().map(|value| {
            let mut bytes = self.version.to_be_bytes().to_vec();
            value.encode(self.version, &mut bytes);
            bytes.into()
        });
        (key.into(), value)
    }

    /// Key and value as JSON, the fields in Kafka's order.
    fn json(&self) -> (String, Option<String>)
    where
        K: Serialize,
        V: Serialize,
    {
        let json = "a record's fields can be written";
        let value = self.value.as_ref();
        (
            serde_json::to_string(&self.key).expect(json),
            value.map(|value| serde_json::to_string(value).expect(json)),
        )
    }

    fn decode(key: Bytes, value: Option<Bytes>) -> Result<Self, SchemaError> {
        let key = K::decode(key, 0)?;
        let Some(mut value) = value else { return Ok(Self::tombstone(key)) };
        let version = value.try_get_i16().map_err(|_| SchemaError::Truncated)?;
        Ok(Self::new(key, V::decode(value, version)?, version))
    }
}

/// Defines the records of one log from the list of its record types.
macro_rules! log_records {
    ($(#[$meta:meta])* $record:ident { $($name:ident = $type:literal ($key:ty, $value:ty),)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
        #[expect(missing_docs, reason = "the names are Kafka's own")]
        pub enum $record {
            $($name(Entry<$key, $value>),)*
        }

        impl $record {
            /// The record type, as the key begins with it.
            pub const fn record_type(&self) -> i16 {
                match self {
                    $(Self::$name(_) => $type,)*
                }
            }

            /// Key and value as they lie in the log.
            pub fn encode(&self) -> (Bytes, Option<Bytes>) {
                match self {
                    $(Self::$name(entry) => entry.encode($type),)*
                }
            }

            /// Key and value as JSON, with their fields at their defaults too.
            pub fn json(&self) -> (String, Option<String>) {
                match self {
                    $(Self::$name(entry) => entry.json(),)*
                }
            }

            /// Reads a record of the log.
            ///
            /// # Errors
            /// [`SchemaError::UnknownType`] for a record type of a later Kafka, which a coordinator
            /// skips; anything else is a damaged record.
            pub fn decode(mut key: Bytes, value: Option<Bytes>) -> Result<Self, SchemaError> {
                match key.try_get_i16().map_err(|_| SchemaError::Truncated)? {
                    $($type => Entry::decode(key, value).map(Self::$name),)*
                    other => Err(SchemaError::UnknownType(other)),
                }
            }
        }
    };
}

log_records! {
    /// A record of `__consumer_offsets`.
    GroupRecord {
        LegacyOffsetCommit = 0 (LegacyOffsetCommitKey, LegacyOffsetCommitValue),
        OffsetCommit = 1 (OffsetCommitKey, OffsetCommitValue),
        GroupMetadata = 2 (GroupMetadataKey, GroupMetadataValue),
        ConsumerGroupMetadata = 3 (ConsumerGroupMetadataKey, ConsumerGroupMetadataValue),
        ConsumerGroupPartitionMetadata = 4 (
            ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue
        ),
        ConsumerGroupMemberMetadata = 5 (
            ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue
        ),
        ConsumerGroupTargetAssignmentMetadata = 6 (
            ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue
        ),
        ConsumerGroupTargetAssignmentMember = 7 (
            ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue
        ),
        ConsumerGroupCurrentMemberAssignment = 8 (
            ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue
        ),
        ShareGroupMemberMetadata = 10 (ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue),
        ShareGroupMetadata = 11 (ShareGroupMetadataKey, ShareGroupMetadataValue),
        ShareGroupTargetAssignmentMetadata = 12 (
            ShareGroupTargetAssignmentMetadataKey, ShareGroupTargetAssignmentMetadataValue
        ),
        ShareGroupTargetAssignmentMember = 13 (
            ShareGroupTargetAssignmentMemberKey, ShareGroupTargetAssignmentMemberValue
        ),
        ShareGroupCurrentMemberAssignment = 14 (
            ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue
        ),
        ShareGroupStatePartitionMetadata = 15 (
            ShareGroupStatePartitionMetadataKey, ShareGroupStatePartitionMetadataValue
        ),
        ConsumerGroupRegularExpression = 16 (
            ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue
        ),
        StreamsGroupMetadata = 17 (StreamsGroupMetadataKey, StreamsGroupMetadataValue),
        StreamsGroupMemberMetadata = 19 (
            StreamsGroupMemberMetadataKey, StreamsGroupMemberMetadataValue
        ),
        StreamsGroupTargetAssignmentMetadata = 20 (
            StreamsGroupTargetAssignmentMetadataKey, StreamsGroupTargetAssignmentMetadataValue
        ),
        StreamsGroupTargetAssignmentMember = 21 (
            StreamsGroupTargetAssignmentMemberKey, StreamsGroupTargetAssignmentMemberValue
        ),
        StreamsGroupCurrentMemberAssignment = 22 (
            StreamsGroupCurrentMemberAssignmentKey, StreamsGroupCurrentMemberAssignmentValue
        ),
        StreamsGroupTopology = 23 (StreamsGroupTopologyKey, StreamsGroupTopologyValue),
    }
}

log_records! {
    /// A record of `__transaction_state`.
    TransactionRecord {
        TransactionLog = 0 (TransactionLogKey, TransactionLogValue),
    }
}

log_records! {
    /// A record of `__share_group_state` (KIP-932).
    ShareRecord {
        ShareSnapshot = 0 (ShareSnapshotKey, ShareSnapshotValue),
        ShareUpdate = 1 (ShareUpdateKey, ShareUpdateValue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tombstone_is_a_key_without_value() {
        let key = GroupMetadataKey { group: "checkout".into() };
        let record = GroupRecord::GroupMetadata(Entry::tombstone(key));
        let (key, value) = record.encode();
        assert_eq!(&key[..], b"\0\x02\0\x08checkout");
        assert_eq!(value, None);
        assert_eq!(GroupRecord::decode(key, value), Ok(record));
    }

    #[test]
    fn a_record_type_of_a_later_kafka_is_told_apart_from_damage() {
        let later = Bytes::from_static(&[0, 99, 0, 0]);
        assert_eq!(GroupRecord::decode(later, None), Err(SchemaError::UnknownType(99)));
        assert_eq!(GroupRecord::decode(Bytes::new(), None), Err(SchemaError::Truncated));
    }
}
