//! Why records are gone: by what right, or by none.

use serde::Serialize;

use crate::ids::{BrokerId, LeaderEpoch};

/// Why records that were sent can be read no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(tag = "cause", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Cause {
    /// A leader was elected from outside ISR and ELR; its log counts.
    UncleanElection {
        /// The epoch that began with it.
        epoch: LeaderEpoch,
    },
    /// More replicas lost what they had not flushed, or their disks, than the topic can bear.
    LossyDisks {
        /// How many at the same time.
        lossy: u32,
        /// `min.insync.replicas` when the records were committed.
        min_isr: u32,
    },
    /// acks=1: only the leader had them, and another took over.
    LeaderOnly {
        /// Who had them.
        from: Option<BrokerId>,
        /// Who took over.
        to: BrokerId,
        /// The epoch that began with it.
        epoch: LeaderEpoch,
    },
    /// acks=0: nobody looked whether they arrived.
    NotAwaited,
    /// They became too old or too many.
    Retention,
    /// Somebody asked for it.
    DeleteRecords,
    /// Their topic was deleted.
    TopicDeleted,
    /// None: an invariant is broken.
    Unexplained,
}

/// Under which circumstances the log that counts became another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Circumstances {
    /// The epoch of an unclean election that led to it.
    pub(in crate::check) unclean: Option<LeaderEpoch>,
    /// How many replicas had lost data and not caught up.
    pub(in crate::check) lossy: u32,
    /// One replica that lost data excuses everything: what was promised before KIP-966.
    pub(in crate::check) any_loss_excuses: bool,
    /// Whose log counted before.
    pub(in crate::check) from: Option<BrokerId>,
    /// Whose log counts now.
    pub(in crate::check) to: BrokerId,
    /// The epoch that began with it.
    pub(in crate::check) epoch: LeaderEpoch,
}

impl Circumstances {
    /// By what right records may be gone that were committed under `min_isr`.
    pub(in crate::check) fn excuse(&self, min_isr: u32) -> Option<Cause> {
        if let Some(epoch) = self.unclean {
            return Some(Cause::UncleanElection { epoch });
        }
        let budget = if self.any_loss_excuses { 0 } else { min_isr.saturating_sub(1) };
        (self.lossy > budget).then_some(Cause::LossyDisks { lossy: self.lossy, min_isr })
    }

    /// By what right a record may be gone that was acknowledged with `acks`.
    pub(in crate::check) fn cause_for(&self, acks: i16, min_isr: u32) -> Cause {
        match (self.excuse(min_isr), acks) {
            (Some(cause), _) => cause,
            (None, -1) => Cause::Unexplained,
            (None, 0) => Cause::NotAwaited,
            (None, _) => Cause::LeaderOnly { from: self.from, to: self.to, epoch: self.epoch },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: Circumstances = Circumstances {
        unclean: None,
        lossy: 0,
        any_loss_excuses: false,
        from: Some(BrokerId(1)),
        to: BrokerId(2),
        epoch: LeaderEpoch(3),
    };

    #[test]
    fn only_acks_all_outlives_its_leader() {
        assert_eq!(CLEAN.cause_for(-1, 2), Cause::Unexplained);
        let leader_only =
            Cause::LeaderOnly { from: Some(BrokerId(1)), to: BrokerId(2), epoch: LeaderEpoch(3) };
        assert_eq!(CLEAN.cause_for(1, 2), leader_only);
        assert_eq!(CLEAN.cause_for(0, 2), Cause::NotAwaited);
    }

    #[test]
    fn disks_may_fail_within_the_budget() {
        let one = Circumstances { lossy: 1, ..CLEAN };
        assert_eq!(one.excuse(2), None);
        assert_eq!(one.excuse(1), Some(Cause::LossyDisks { lossy: 1, min_isr: 1 }));
        let old = Circumstances { any_loss_excuses: true, ..one };
        assert_eq!(old.excuse(2), Some(Cause::LossyDisks { lossy: 1, min_isr: 2 }));
        let unclean = Circumstances { unclean: Some(LeaderEpoch(3)), ..CLEAN };
        assert_eq!(unclean.excuse(3), Some(Cause::UncleanElection { epoch: LeaderEpoch(3) }));
    }
}
