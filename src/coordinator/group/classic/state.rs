//! The states of a classic group.

use strum::IntoStaticStr;

/// `ClassicGroupState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
pub enum ClassicGroupState {
    /// No members; the group lasts until its offsets have expired. Also: a group that only has
    /// offsets (a "simple" group).
    Empty,
    /// Waiting for the members to join. Ends when all have, or when the rebalance timeout passed.
    PreparingRebalance,
    /// Waiting for the leader's assignment. Ends with it, or with the next rebalance.
    CompletingRebalance,
    /// Everybody has its assignment. Ends when a member comes, goes or changes.
    Stable,
    /// The coordinator is unloaded.
    Dead,
}

impl ClassicGroupState {
    /// Kafka's name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// True where `next` can follow.
    pub const fn can_become(self, next: Self) -> bool {
        match next {
            Self::Empty | Self::CompletingRebalance => matches!(self, Self::PreparingRebalance),
            Self::PreparingRebalance => {
                matches!(self, Self::Empty | Self::CompletingRebalance | Self::Stable)
            }
            Self::Stable => matches!(self, Self::CompletingRebalance),
            Self::Dead => true,
        }
    }
}
