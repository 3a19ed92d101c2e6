//! Who appends.

/// Who appends, and so what is checked.
///
/// In Kafka: `AppendOrigin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOrigin {
    /// A leader, what a producer sent.
    Client,
    /// A leader, what a group or transaction coordinator writes.
    Coordinator,
    /// A follower, what it fetched.
    Replication,
    /// The leader of a raft quorum, what it has numbered itself.
    RaftLeader,
}
