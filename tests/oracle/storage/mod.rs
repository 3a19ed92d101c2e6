//! The files of a log, and what happens to them.

pub(crate) mod leader_epoch_cache;
pub(crate) mod log_validator;
pub(crate) mod offset_index;
pub(crate) mod producer_snapshot_file;
pub(crate) mod producer_state;
pub(crate) mod time_index;
pub(crate) mod transaction_index;
pub(crate) mod unified_log;

use kafkascope::log::{Directory, Disk};

/// Where a single file of a case lies.
pub(crate) const HERE: Directory<'static> = Directory { log_dir: "", topic: "t", partition: 0 };

/// All bytes of a file, zeros set aside included.
pub(crate) fn contents(disk: &mut Disk, path: &str) -> Vec<u8> {
    let Some(id) = disk.open(path) else { return Vec::new() };
    let mut bytes = disk.read(id, 0, u64::MAX).to_vec();
    bytes.resize(disk.len(id) as usize, 0);
    bytes
}
