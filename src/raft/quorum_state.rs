//! `quorum-state`: what a member must not forget of the quorum.
//!
//! In Kafka: `FileQuorumStateStore`, `QuorumStateData` version 0.

use crate::ids::{BrokerId, ControllerEpoch};
use crate::log::{Disk, Log};

const NAME: &str = "quorum-state";

/// The epoch that the last process knew, and who led it; none without a file.
pub(super) fn read(disk: &mut Disk, log: &Log) -> Option<(ControllerEpoch, Option<BrokerId>)> {
    let bytes = disk.read_path(&log.directory().file(NAME))?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let epoch = ControllerEpoch(number(text, "leaderEpoch")?);
    Some((epoch, BrokerId::from_wire(number(text, "leaderId")?)))
}

/// The number behind `field`.
fn number(text: &str, field: &str) -> Option<i32> {
    let rest = text.split_once(&format!("\"{field}\":"))?.1;
    rest.split([',', '}']).next()?.parse().ok()
}

/// Writes the epoch, its leader and the voters.
pub(super) fn write(
    disk: &mut Disk,
    log: &Log,
    epoch: ControllerEpoch,
    leader: Option<BrokerId>,
    voters: &[BrokerId],
) {
    let voters: Vec<String> =
        voters.iter().map(|voter| format!("{{\"voterId\":{voter}}}")).collect();
    let text = format!(
        "{{\"clusterId\":\"\",\"leaderId\":{},\"leaderEpoch\":{epoch},\"votedId\":-1,\
         \"appliedOffset\":0,\"currentVoters\":[{}],\"data_version\":0}}",
        BrokerId::to_wire(leader),
        voters.join(","),
    );
    disk.replace(&log.directory().file(NAME), text);
}
