//! How faults that last for a while end (`for 20s`).

use crate::cluster::Act;
use crate::sim::Duration;

/// What ends `act`.
pub(super) fn of(act: &Act) -> Option<Act> {
    Some(match act {
        Act::Kill(node) | Act::Stop(node) | Act::PowerOff(node) => Act::Start(*node),
        Act::Pause(node) => Act::Resume(*node),
        Act::Cut(from, to) => Act::Heal(*from, *to),
        Act::Delay(from, to, _) => Act::Delay(*from, *to, Duration::ZERO),
        Act::SlowDisk(node, _) => Act::SlowDisk(*node, 1),
        Act::SlowCpu(node, _) => Act::SlowCpu(*node, 1),
        _ => return None,
    })
}
