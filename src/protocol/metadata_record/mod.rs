//! The records of the metadata log, `__cluster_metadata` (KIP-631).
//!
//! In Kafka: the generated classes of `org.apache.kafka.common.metadata`, `MetadataRecordSerde`. A
//! record is framed by an unsigned varint 1, its type and its version, and is a flexible message.
//! The JSON form, `{"type": …, "data": {…}}`, is what `kafka-dump-log` shows, except that fields at
//! their defaults are there too.

mod broker;
mod cluster;
pub mod codec;
pub mod control;
mod partition;
mod schema;
mod security;
mod value;
mod version;

use serde::{Deserialize, Serialize};

use codec::{Field, Reader, put_unsigned_varint};

pub use broker::*;
pub use cluster::*;
pub use codec::DecodeError;
pub use partition::*;
pub use security::*;
pub use value::{Blob, Float64};
pub use version::MetadataVersion;

/// The frame's version.
const FRAME: u32 = 1;

/// Defines [`MetadataRecord`] from a list of types with their keys and names.
macro_rules! records {
    ($($(#[$meta:meta])* $variant:ident = $key:literal $name:literal ($record:ident),)*) => {
        /// A record of the metadata log.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data")]
        #[expect(missing_docs, reason = "the names are Kafka's own")]
        pub enum MetadataRecord {
            $($(#[$meta])* #[serde(rename = $name)] $variant($record),)*
        }

        impl MetadataRecord {
            /// The type's number.
            pub const fn api_key(&self) -> u32 {
                match self {
                    $(Self::$variant(_) => $key,)*
                }
            }

            /// The type's name, like `PARTITION_CHANGE_RECORD`.
            pub const fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }

            fn read(api_key: u32, version: u32, bytes: &[u8]) -> Result<Self, DecodeError> {
                match api_key {
                    $($key => {
                        let known = i16::try_from(version).ok().filter(|v| *v <= $record::NEWEST);
                        let known = known.ok_or(DecodeError::UnknownVersion { what: $name, version })?;
                        $record::read(&mut Reader::new(bytes, known)).map(Self::$variant)
                    })*
                    other => Err(DecodeError::UnknownType(other)),
                }
            }

            fn write(&self, out: &mut Vec<u8>, version: i16) {
                match self {
                    $(Self::$variant(record) => {
                        assert!(
                            (0..=$record::NEWEST).contains(&version),
                            "{} has no version {version}", $name
                        );
                        record.write(out, version);
                    })*
                }
            }
        }

        $(impl From<$record> for MetadataRecord {
            fn from(record: $record) -> Self {
                Self::$variant(record)
            }
        })*
    };
}

records! {
    RegisterBroker = 0 "REGISTER_BROKER_RECORD" (RegisterBrokerRecord),
    UnregisterBroker = 1 "UNREGISTER_BROKER_RECORD" (UnregisterBrokerRecord),
    Topic = 2 "TOPIC_RECORD" (TopicRecord),
    Partition = 3 "PARTITION_RECORD" (PartitionRecord),
    Config = 4 "CONFIG_RECORD" (ConfigRecord),
    PartitionChange = 5 "PARTITION_CHANGE_RECORD" (PartitionChangeRecord),
    FenceBroker = 7 "FENCE_BROKER_RECORD" (FenceBrokerRecord),
    UnfenceBroker = 8 "UNFENCE_BROKER_RECORD" (UnfenceBrokerRecord),
    RemoveTopic = 9 "REMOVE_TOPIC_RECORD" (RemoveTopicRecord),
    DelegationToken = 10 "DELEGATION_TOKEN_RECORD" (DelegationTokenRecord),
    UserScramCredential = 11 "USER_SCRAM_CREDENTIAL_RECORD" (UserScramCredentialRecord),
    FeatureLevel = 12 "FEATURE_LEVEL_RECORD" (FeatureLevelRecord),
    ClientQuota = 14 "CLIENT_QUOTA_RECORD" (ClientQuotaRecord),
    ProducerIds = 15 "PRODUCER_IDS_RECORD" (ProducerIdsRecord),
    BrokerRegistrationChange = 17 "BROKER_REGISTRATION_CHANGE_RECORD" (BrokerRegistrationChangeRecord),
    AccessControlEntry = 18 "ACCESS_CONTROL_ENTRY_RECORD" (AccessControlEntryRecord),
    RemoveAccessControlEntry = 19 "REMOVE_ACCESS_CONTROL_ENTRY_RECORD" (RemoveAccessControlEntryRecord),
    NoOp = 20 "NO_OP_RECORD" (NoOpRecord),
    ZkMigrationState = 21 "ZK_MIGRATION_STATE_RECORD" (ZkMigrationStateRecord),
    RemoveUserScramCredential = 22 "REMOVE_USER_SCRAM_CREDENTIAL_RECORD" (RemoveUserScramCredentialRecord),
    BeginTransaction = 23 "BEGIN_TRANSACTION_RECORD" (BeginTransactionRecord),
    EndTransaction = 24 "END_TRANSACTION_RECORD" (EndTransactionRecord),
    AbortTransaction = 25 "ABORT_TRANSACTION_RECORD" (AbortTransactionRecord),
    RemoveDelegationToken = 26 "REMOVE_DELEGATION_TOKEN_RECORD" (RemoveDelegationTokenRecord),
    RegisterController = 27 "REGISTER_CONTROLLER_RECORD" (RegisterControllerRecord),
    ClearElr = 28 "CLEAR_ELR_RECORD" (ClearElrRecord),
}

impl MetadataRecord {
    /// Reads a framed record, and the version it was written at.
    ///
    /// # Errors
    /// When the bytes are no record that Kafka 4.1 knows.
    pub fn decode(bytes: &[u8]) -> Result<(i16, Self), DecodeError> {
        let mut reader = Reader::new(bytes, 0);
        let frame = reader.unsigned_varint()?;
        if frame != FRAME {
            return Err(DecodeError::UnknownFrame(frame));
        }
        let api_key = reader.unsigned_varint()?;
        let version = reader.unsigned_varint()?;
        let record = Self::read(api_key, version, reader.take(reader.remaining())?)?;
        Ok((version as i16, record))
    }

    /// Appends the record, framed, at `version`.
    ///
    /// # Panics
    /// When the type has no such version, or that version lacks a field that is set.
    pub fn encode(&self, version: i16, out: &mut Vec<u8>) {
        put_unsigned_varint(out, FRAME);
        put_unsigned_varint(out, self.api_key());
        put_unsigned_varint(out, version as u32);
        self.write(out, version);
    }

    /// The version that a controller writes in a cluster at `level`.
    pub const fn version_at(&self, level: MetadataVersion) -> i16 {
        match self {
            Self::RegisterBroker(_) => level.register_broker_record(),
            Self::Partition(_) | Self::PartitionChange(_) => level.partition_record(),
            Self::BrokerRegistrationChange(change) => change.lowest_version(),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{BrokerId, PartitionIndex, Uuid};

    #[test]
    fn a_partition_change_says_only_what_changes() {
        let mut change = PartitionChangeRecord::of(Uuid(7), PartitionIndex(1));
        assert!(change.is_no_op());
        change.leader = LeaderChange::Nobody;
        change.isr = Some(Vec::new());
        assert!(!change.is_no_op());
        let record = MetadataRecord::from(change);
        let mut bytes = Vec::new();
        record.encode(2, &mut bytes);
        // Frame, type, version; partition, topic id; two tagged fields.
        assert_eq!(bytes[..7], [1, 5, 2, 0, 0, 0, 1]);
        assert_eq!(bytes[23..], [2, 0, 1, 1, 1, 4, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(MetadataRecord::decode(&bytes), Ok((2, record)));
    }

    #[test]
    fn what_is_no_record_is_an_error_and_no_panic() {
        assert_eq!(MetadataRecord::decode(&[]), Err(DecodeError::Truncated));
        assert_eq!(MetadataRecord::decode(&[2]), Err(DecodeError::UnknownFrame(2)));
        assert_eq!(MetadataRecord::decode(&[1, 6, 0]), Err(DecodeError::UnknownType(6)));
        assert_eq!(
            MetadataRecord::decode(&[1, 20, 1]),
            Err(DecodeError::UnknownVersion { what: "NO_OP_RECORD", version: 1 })
        );
        assert_eq!(MetadataRecord::decode(&[0xff; 9]), Err(DecodeError::BadVarint));
        assert_eq!(MetadataRecord::decode(&[1, 2, 0, 0]), Err(DecodeError::Null));
    }

    #[test]
    #[should_panic(expected = "PartitionChangeRecord version 1 has no field last_known_elr")]
    fn a_version_without_a_field_that_is_set_cannot_be_written() {
        let record = PartitionChangeRecord {
            last_known_elr: Some(vec![BrokerId(1)]),
            ..PartitionChangeRecord::default()
        };
        MetadataRecord::from(record).encode(1, &mut Vec::new());
    }
}
