//! What changed within the last two seconds of simulated time.

use crate::explain::Story;
use crate::sim::Instant;

/// What changed lately: a function of the story and the time, so that it is the same whichever way
/// the cursor came.
#[derive(Clone, Debug, Default)]
pub struct Changed {}

impl Changed {
    /// What changed in the two seconds up to `now`.
    pub fn of(story: &Story, now: Instant) -> Self {
        let _ = (story, now);
        Self {}
    }
}
