//! What Raft itself writes: control records of the metadata log and its snapshots, and the
//! `quorum-state` file (KIP-595, KIP-630, KIP-853).
//!
//! The protocol crate has most of these, but reads the voters of a `LeaderChangeMessage` by the
//! wrong version. They carry no frame: a control record's key says what it is.

use super::codec::{DecodeError, Field, Reader};
use super::schema::schema;
use super::value::broker_or_none;
use crate::ids::{BrokerId, LeaderEpoch, Name, Timestamp, Uuid};

schema! {
    /// A controller became the leader of the quorum: the first record of its epoch.
    pub struct LeaderChangeMessage(1) {
        /// The version of the message, once more.
        version: i16, 0..;
        /// The leader.
        leader_id: BrokerId, 0..;
        /// The voters of that epoch.
        voters: Vec<ElectionVoter>, 0..;
        /// Those that voted for it.
        granting_voters: Vec<ElectionVoter>, 0..;
    }

    /// A voter in a [`LeaderChangeMessage`].
    pub struct ElectionVoter(1) {
        /// The controller.
        voter_id: BrokerId, 0..;
        /// Its metadata log directory.
        voter_directory_id: Uuid, 1..;
    }

    /// The first record of a snapshot.
    pub struct SnapshotHeaderRecord(0) {
        /// The version of the record, once more.
        version: i16, 0..;
        /// The time of the last record that the snapshot stands for.
        last_contained_log_timestamp: Timestamp, 0..;
    }

    /// The last record of a snapshot.
    pub struct SnapshotFooterRecord(0) {
        /// The version of the record, once more.
        version: i16, 0..;
    }

    /// The `kraft.version` from here on.
    pub struct KRaftVersionRecord(0) {
        /// The version of the record, once more.
        version: i16, 0..;
        /// The level.
        #[serde(rename = "kRaftVersion")]
        kraft_version: i16, 0..;
    }

    /// The voters from here on (KIP-853).
    pub struct VotersRecord(0) {
        /// The version of the record, once more.
        version: i16, 0..;
        /// The voters.
        voters: Vec<QuorumVoter>, 0..;
    }

    /// A voter in a [`VotersRecord`].
    pub struct QuorumVoter(0) {
        /// The controller.
        voter_id: BrokerId, 0..;
        /// Its metadata log directory.
        voter_directory_id: Uuid, 0..;
        /// Where it listens.
        endpoints: Vec<VoterEndPoint>, 0..;
        /// The levels of `kraft.version` that it can run at.
        #[serde(rename = "kRaftVersionFeature")]
        kraft_version_feature: KRaftVersionFeature, 0..;
    }

    /// Where a voter listens.
    pub struct VoterEndPoint(0) {
        /// The listener's name.
        name: Name, 0..;
        /// The host name.
        host: Name, 0..;
        /// The port.
        port: u16, 0..;
    }

    /// The levels of `kraft.version` that a voter can run at.
    pub struct KRaftVersionFeature(0) {
        /// The lowest level.
        min_supported_version: i16, 0..;
        /// The highest level.
        max_supported_version: i16, 0..;
    }

    /// The `quorum-state` file. Version 1 (KIP-853) has no voters, but the directory voted for.
    pub struct QuorumStateData(1) {
        /// Empty: Kafka does not fill it.
        cluster_id: Name, 0..=0;
        /// The leader, if known.
        #[serde(with = "broker_or_none")]
        leader_id: Option<BrokerId>, 0..;
        /// The leader's epoch.
        leader_epoch: LeaderEpoch = LeaderEpoch(-1), 0..;
        /// Whom this controller voted for in that epoch.
        #[serde(with = "broker_or_none")]
        voted_id: Option<BrokerId>, 0..;
        /// The directory of the one it voted for.
        voted_directory_id: Uuid, 1..;
        /// 0: Kafka does not fill it.
        applied_offset: i64, 0..=0;
        /// The voters.
        current_voters: Option<Vec<StateVoter>> = Some(Vec::new()), 0..=0;
    }

    /// A voter in [`QuorumStateData`].
    pub struct StateVoter(0) {
        /// The controller.
        voter_id: BrokerId, 0..;
    }

    /// Who sent a request that a broker hands on (KIP-590).
    pub struct DefaultPrincipalData(0) {
        /// The kind of principal.
        #[serde(rename = "type")]
        kind: Name, 0..;
        /// Its name.
        name: Name, 0..;
        /// True when it was authenticated by a delegation token.
        token_authenticated: bool, 0..;
    }
}

/// Reads a message that has no frame, at `version`.
///
/// # Errors
/// When the bytes are no such message, or go on after it.
pub fn decode<T: Field>(bytes: &[u8], version: i16) -> Result<T, DecodeError> {
    T::read(&mut Reader::new(bytes, version))
}

/// A message without a frame, at `version`.
pub fn encode<T: Field>(message: &T, version: i16) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.write(&mut bytes, version);
    bytes
}
