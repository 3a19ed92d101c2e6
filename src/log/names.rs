//! What the files and directories of a log are called.
//!
//! In Kafka: `LogFileUtils`, and the directory names of `LocalLog`.

use crate::ids::{Offset, TopicPartition};

/// Record batches.
pub const LOG: &str = ".log";
/// The sparse index from offsets to positions.
pub const OFFSET_INDEX: &str = ".index";
/// The sparse index from timestamps to offsets.
pub const TIME_INDEX: &str = ".timeindex";
/// Aborted transactions.
pub const TXN_INDEX: &str = ".txnindex";
/// What is known of producers at an offset.
pub const SNAPSHOT: &str = ".snapshot";
/// A file that goes away soon.
pub const DELETED: &str = ".deleted";
/// What the cleaner had not finished.
pub const CLEANED: &str = ".cleaned";
/// Where each leader epoch begins.
pub const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";
/// The topic's id.
pub const PARTITION_METADATA: &str = "partition.metadata";
/// The end of the name of a directory that goes away soon.
pub const DELETE_DIRECTORY: &str = "-delete";
/// The end of the name of a copy that is to replace a log.
pub const FUTURE_DIRECTORY: &str = "-future";
/// The end of the name of a directory that belongs to no partition any more.
pub const STRAY_DIRECTORY: &str = "-stray";

/// The directory of one partition.
#[derive(Clone, Copy, Debug)]
pub struct Directory<'a> {
    /// The log directory it lies in; empty for the disk's root.
    pub log_dir: &'a str,
    /// The topic.
    pub topic: &'a str,
    /// The partition's number.
    pub partition: i32,
}

impl Directory<'_> {
    /// Its path.
    pub fn path(self) -> String {
        let name = format!("{}-{}", self.topic, self.partition);
        join(self.log_dir, &name)
    }

    /// The path of a file in it.
    pub fn file(self, name: &str) -> String {
        format!("{}/{name}", self.path())
    }

    /// The path of the file of a segment, or of a snapshot.
    pub fn of(self, offset: Offset, suffix: &str) -> String {
        format!("{}/{}", self.path(), file_name(offset, suffix))
    }
}

/// `name` in the directory `parent`.
pub fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}

/// The name of a file that begins at `offset`: twenty digits.
pub fn file_name(offset: Offset, suffix: &str) -> String {
    format!("{:020}{suffix}", offset.0)
}

/// The offset that a file's name begins with.
pub fn offset_of(name: &str) -> Option<Offset> {
    let (digits, _) = name.split_once('.')?;
    digits.parse().ok().map(Offset)
}

/// What a directory's name says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A partition's log.
    Current,
    /// A log that was deleted.
    Delete,
    /// A copy that is to replace the log.
    Future,
    /// A log of a partition that is not here any more.
    Stray,
}

/// The partition that a directory's name stands for, if it stands for one.
pub fn parse_directory(name: &str) -> Option<(TopicPartition, Kind)> {
    let (name, kind) = [
        (DELETE_DIRECTORY, Kind::Delete),
        (FUTURE_DIRECTORY, Kind::Future),
        (STRAY_DIRECTORY, Kind::Stray),
    ]
    .into_iter()
    .find(|(suffix, _)| name.ends_with(suffix))
    .map_or(Some((name, Kind::Current)), |(_, kind)| {
        name.rsplit_once('.').map(|(name, _)| (name, kind))
    })?;
    let (topic, partition) = name.rsplit_once('-')?;
    let partition = partition.parse().ok().filter(|_| !topic.is_empty())?;
    Some((TopicPartition::new(topic, partition), kind))
}

/// The name of the directory of a log that was deleted: `id` makes it unique.
pub fn delete_directory(tp: &TopicPartition, id: [u8; 16]) -> String {
    let id = uuid::Uuid::from_bytes(id).simple();
    let suffix = format!("-{}.{id}{DELETE_DIRECTORY}", tp.partition);
    // File systems take names of 255 bytes at most.
    let kept = tp.topic.len().min(255 - suffix.len());
    format!("{}{suffix}", &tp.topic[..kept])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_carry_twenty_digits() {
        let name = file_name(Offset(29), LOG);
        assert_eq!(name, "00000000000000000029.log");
        assert_eq!(offset_of(&name), Some(Offset(29)));
        assert_eq!(offset_of("leader-epoch-checkpoint"), None);
    }

    #[test]
    fn directories_say_what_they_are_for() {
        let parse = |name| parse_directory(name).map(|(tp, kind)| (tp.to_string(), kind));
        assert_eq!(parse("a-b-3"), Some(("a-b-3".to_owned(), Kind::Current)));
        let deleted = delete_directory(&TopicPartition::new("kq", 2), [7; 16]);
        assert_eq!(deleted, "kq-2.07070707070707070707070707070707-delete");
        assert_eq!(parse(&deleted), Some(("kq-2".to_owned(), Kind::Delete)));
        assert_eq!(parse("kq-2.0707-stray"), Some(("kq-2".to_owned(), Kind::Stray)));
        assert_eq!((parse("kq"), parse("-1"), parse("kq-x")), (None, None, None));
    }
}
