//! Control records: what a log says about itself, in batches of their own.
//!
//! In Kafka: `ControlRecordType`, `EndTransactionMarker`, `ControlRecordUtils`; KIP-98 (the end of a
//! transaction), KIP-595 (a raft leader), KIP-630 (snapshots), KIP-853 (raft version and voters).

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::{Decodable, Encodable};
use thiserror::Error;

use super::{Batch, BatchBuilder, RecordError};
use crate::ids::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};

/// How a transaction ended in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTxn {
    /// True when it was committed, false when it was aborted.
    pub commit: bool,
    /// The epoch of the transaction coordinator that says so.
    pub coordinator_epoch: i32,
}

/// The record in a control batch.
#[derive(Clone, Debug, PartialEq)]
pub enum ControlRecord {
    /// A transaction of the batch's producer ends.
    EndTxn(EndTxn),
    /// The first record of a raft leader.
    LeaderChange(kafka::LeaderChangeMessage),
    /// The first record of a snapshot.
    SnapshotHeader(kafka::SnapshotHeaderRecord),
    /// The last record of a snapshot.
    SnapshotFooter(kafka::SnapshotFooterRecord),
    /// `kraft.version` from here on.
    KRaftVersion(kafka::KRaftVersionRecord),
    /// The voters from here on.
    KRaftVoters(kafka::VotersRecord),
    /// A kind that this version does not know.
    Unknown(i16),
}

/// Why a control record cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ControlError {
    /// Its batch cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The batch holds no record.
    #[error("a control batch without a record")]
    Empty,
    /// The key is not two numbers.
    #[error("the key of a control record has {0} bytes, at least 4 are needed")]
    Key(usize),
    /// The value is not what the type says.
    #[error("the value of a control record of type {0} is malformed")]
    Value(i16),
}

/// The version of every control record's key.
const KEY_VERSION: i16 = 0;

impl ControlRecord {
    /// The number of its kind.
    pub const fn type_id(&self) -> i16 {
        match self {
            Self::EndTxn(EndTxn { commit: false, .. }) => 0,
            Self::EndTxn(EndTxn { commit: true, .. }) => 1,
            Self::LeaderChange(_) => 2,
            Self::SnapshotHeader(_) => 3,
            Self::SnapshotFooter(_) => 4,
            Self::KRaftVersion(_) => 5,
            Self::KRaftVoters(_) => 6,
            Self::Unknown(id) => *id,
        }
    }

    /// The record's key.
    pub fn key(&self) -> [u8; 4] {
        let [version, id] = [KEY_VERSION.to_be_bytes(), self.type_id().to_be_bytes()];
        [version[0], version[1], id[0], id[1]]
    }

    /// The record's value.
    pub fn value(&self) -> Bytes {
        match self {
            Self::EndTxn(end) => {
                // A version before the message, which all later kinds carry inside.
                let mut value = vec![0, 0];
                value.extend_from_slice(&end.coordinator_epoch.to_be_bytes());
                value.into()
            }
            Self::LeaderChange(message) => encode(message, message.version),
            Self::SnapshotHeader(message) => encode(message, message.version),
            Self::SnapshotFooter(message) => encode(message, message.version),
            Self::KRaftVersion(message) => encode(message, message.version),
            Self::KRaftVoters(message) => encode(message, message.version),
            Self::Unknown(_) => Bytes::new(),
        }
    }

    /// Reads a control record.
    ///
    /// # Errors
    /// When key or value are malformed.
    pub fn parse(key: Option<&[u8]>, value: Option<&[u8]>) -> Result<Self, ControlError> {
        let key = key.unwrap_or_default();
        let id = key.get(2..4).and_then(|id| id.first_chunk().copied());
        let id = i16::from_be_bytes(id.ok_or(ControlError::Key(key.len()))?);
        let value = value.unwrap_or_default();
        if let 0 | 1 = id {
            let epoch = value.get(2..6).and_then(|epoch| epoch.first_chunk().copied());
            let coordinator_epoch = i32::from_be_bytes(epoch.ok_or(ControlError::Value(id))?);
            return Ok(Self::EndTxn(EndTxn { commit: id == 1, coordinator_epoch }));
        }
        // All of these begin with their version.
        let version = value.first_chunk().copied().map(i16::from_be_bytes).unwrap_or_default();
        let mut bytes = Bytes::copy_from_slice(value);
        let record = match id {
            2 => Decodable::decode(&mut bytes, version).map(Self::LeaderChange),
            3 => Decodable::decode(&mut bytes, version).map(Self::SnapshotHeader),
            4 => Decodable::decode(&mut bytes, version).map(Self::SnapshotFooter),
            5 => Decodable::decode(&mut bytes, version).map(Self::KRaftVersion),
            6 => Decodable::decode(&mut bytes, version).map(Self::KRaftVoters),
            _ => Ok(Self::Unknown(id)),
        };
        record.map_err(|_| ControlError::Value(id))
    }

    /// Reads the first record of a control batch.
    ///
    /// # Errors
    /// When there is none, or it is malformed.
    pub fn of(batch: &Batch) -> Result<Self, ControlError> {
        let record = batch.iter().next().ok_or(ControlError::Empty)??;
        Self::parse(record.key, record.value)
    }

    /// A batch of just this record, as a raft leader appends it.
    pub fn batch(&self, offset: Offset, epoch: LeaderEpoch, now: Timestamp) -> Batch {
        let mut builder = BatchBuilder::new().place(offset, Some(epoch)).control();
        builder.append(now, Some(&self.key()), Some(&self.value()), &[]);
        builder.build().expect("it holds a record")
    }
}

impl EndTxn {
    /// The marker that ends the open transaction of a producer.
    pub fn batch(self, id: ProducerId, epoch: ProducerEpoch, now: Timestamp) -> Batch {
        self.batch_at(Offset(0), None, id, epoch, now)
    }

    /// The marker at its place in a log.
    pub fn batch_at(
        self,
        offset: Offset,
        leader_epoch: Option<LeaderEpoch>,
        id: ProducerId,
        epoch: ProducerEpoch,
        now: Timestamp,
    ) -> Batch {
        let record = ControlRecord::EndTxn(self);
        let mut builder = BatchBuilder::new().place(offset, leader_epoch).transactional().control();
        builder.set_producer(id, epoch, -1);
        builder.append(now, Some(&record.key()), Some(&record.value()), &[]);
        builder.build().expect("it holds a record")
    }
}

/// The end of a transaction that a control batch says, if that is what it says; and its time.
pub fn parse_end_txn(batch: &Batch) -> Option<(EndTxn, Timestamp)> {
    let record = batch.iter().next()?.ok()?;
    match ControlRecord::parse(record.key, record.value) {
        Ok(ControlRecord::EndTxn(end)) => Some((end, record.timestamp)),
        _ => None,
    }
}

fn encode(message: &impl Encodable, version: i16) -> Bytes {
    let mut bytes = BytesMut::new();
    message.encode(&mut bytes, version).expect("a control record can be written at its version");
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_read_what_they_write() {
        let end = EndTxn { commit: true, coordinator_epoch: 658 };
        let batch = end.batch(ProducerId(44_323), ProducerEpoch(85), Timestamp(1_000));
        assert!(batch.is_control() && batch.is_transactional());
        assert_eq!((batch.base_sequence(), batch.count()), (None, 1));
        assert_eq!(parse_end_txn(&batch), Some((end, Timestamp(1_000))));
    }

    #[test]
    fn a_short_key_is_an_error() {
        assert_eq!(ControlRecord::parse(Some(b"\0\0\0"), None), Err(ControlError::Key(3)));
        assert_eq!(ControlRecord::parse(Some(b"\0\0\0\x09"), None), Ok(ControlRecord::Unknown(9)));
    }
}
