//! Ids of log directories, and the ones with a meaning of their own (KIP-858).
//!
//! In Kafka: `DirectoryId`.

use crate::ids::Uuid;

/// The replica was assigned before controllers knew of directories.
pub const MIGRATING: Uuid = Uuid(0);
/// The broker has yet to choose a directory.
pub const UNASSIGNED: Uuid = Uuid(1);
/// Some directory that is offline.
pub const LOST: Uuid = Uuid(2);

/// True for the ids that no directory may have.
pub const fn is_reserved(directory: Uuid) -> bool {
    // As in Java, the lower half counts as signed.
    (directory.0 >> 64) == 0 && (directory.0 as u64 as i64) < 100
}

/// True when a replica in `directory` can be reached on a broker with these directories `online`.
///
/// A broker that names no directories registered before KIP-858: its directories count as online.
pub fn is_online(directory: Uuid, online: &[Uuid]) -> bool {
    match directory {
        UNASSIGNED | MIGRATING => true,
        LOST => false,
        directory => online.is_empty() || online.contains(&directory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_ids_are_the_first_hundred() {
        assert!(is_reserved(MIGRATING) && is_reserved(Uuid(99)));
        assert!(!is_reserved(Uuid(100)) && !is_reserved(Uuid(1 << 64)));
    }

    #[test]
    fn a_directory_nobody_chose_yet_is_online() {
        let one = Uuid(1 << 64);
        assert!(is_online(UNASSIGNED, &[one]) && is_online(one, &[one]) && is_online(one, &[]));
        assert!(!is_online(LOST, &[]) && !is_online(Uuid(2 << 64), &[one]));
    }
}
