//! What the files of a log directory are, by their names.

use crate::log::{
    BOOTSTRAP_CHECKPOINT, CLEAN_SHUTDOWN, CLEANED, CLEANER_OFFSET_CHECKPOINT, DELETED,
    LEADER_EPOCH_CHECKPOINT, LOCK, LOG, LOG_START_OFFSET_CHECKPOINT, META_PROPERTIES, OFFSET_INDEX,
    PARTITION_METADATA, RECOVERY_POINT_CHECKPOINT, REPLICATION_OFFSET_CHECKPOINT, SNAPSHOT,
    TIME_INDEX, TXN_INDEX,
};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter)]
pub enum FileKind {
    /// Record batches: a segment, or a snapshot of the metadata.
    Log,
    /// From offsets to positions.
    OffsetIndex,
    /// From timestamps to offsets.
    TimeIndex,
    /// Aborted transactions.
    TxnIndex,
    /// What is known of producers at an offset.
    Snapshot,
    /// Where leader epochs begin.
    LeaderEpochs,
    /// The topic's id.
    PartitionMetadata,
    /// Whose directory this is.
    MetaProperties,
    /// What the metadata log of a new cluster begins with.
    Bootstrap,
    /// The mark of a process that has the directory.
    Lock,
    /// Up to where logs are on the medium.
    RecoveryPoints,
    /// Where logs begin.
    LogStarts,
    /// High watermarks.
    HighWatermarks,
    /// How far logs were compacted.
    Cleaned,
    /// The mark of a clean shutdown.
    CleanShutdown,
    /// What a member must not forget of the quorum.
    QuorumState,
    /// Anything else.
    Other,
}

impl FileKind {
    /// What the file called so is. A file that is about to go away is what it was.
    pub fn of(name: &str) -> Self {
        let name = [DELETED, CLEANED].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let whole = match name {
            LEADER_EPOCH_CHECKPOINT => Self::LeaderEpochs,
            PARTITION_METADATA => Self::PartitionMetadata,
            META_PROPERTIES => Self::MetaProperties,
            BOOTSTRAP_CHECKPOINT => Self::Bootstrap,
            LOCK => Self::Lock,
            RECOVERY_POINT_CHECKPOINT => Self::RecoveryPoints,
            LOG_START_OFFSET_CHECKPOINT => Self::LogStarts,
            REPLICATION_OFFSET_CHECKPOINT => Self::HighWatermarks,
            CLEANER_OFFSET_CHECKPOINT => Self::Cleaned,
            CLEAN_SHUTDOWN => Self::CleanShutdown,
            "quorum-state" => Self::QuorumState,
            _ => Self::Other,
        };
        let by_end = [
            (LOG, Self::Log),
            (".checkpoint", Self::Log),
            (OFFSET_INDEX, Self::OffsetIndex),
            (TIME_INDEX, Self::TimeIndex),
            (TXN_INDEX, Self::TxnIndex),
            (SNAPSHOT, Self::Snapshot),
        ];
        let by_end = by_end.into_iter().find(|(end, _)| name.ends_with(end));
        if whole == Self::Other { by_end.map_or(whole, |(_, kind)| kind) } else { whole }
    }

    /// True for text.
    pub const fn is_text(self) -> bool {
        !matches!(
            self,
            Self::Log
                | Self::Bootstrap
                | Self::OffsetIndex
                | Self::TimeIndex
                | Self::TxnIndex
                | Self::Snapshot
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_are() {
        let kinds = [
            ("00000000000000000000.log", FileKind::Log),
            ("00000000000000000000.log.deleted", FileKind::Log),
            ("00000000000000000000.index", FileKind::OffsetIndex),
            ("leader-epoch-checkpoint", FileKind::LeaderEpochs),
            ("00000000000000000100-0000000001.checkpoint", FileKind::Log),
            ("bootstrap.checkpoint", FileKind::Bootstrap),
            ("lost+found", FileKind::Other),
        ];
        for (name, kind) in kinds {
            assert_eq!(FileKind::of(name), kind, "{name}");
        }
    }
}
