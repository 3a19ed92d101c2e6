//! Ids of new topics.

use std::collections::BTreeMap;

use crate::ids::{Name, TopicId, Uuid};
use crate::sim::rng::Stream;

/// Draws topic ids, except for topics whose id is pinned.
#[derive(Clone, Debug)]
pub struct TopicIds {
    stream: Stream,
    pinned: BTreeMap<Name, TopicId>,
}

impl TopicIds {
    /// Ids from `stream`, and the `pinned` ones.
    pub const fn new(stream: Stream, pinned: BTreeMap<Name, TopicId>) -> Self {
        Self { stream, pinned }
    }

    /// The id for a topic called `name`. A topic that is created anew gets another one, pinned only
    /// the first time.
    pub fn next(&mut self, name: &str) -> TopicId {
        self.pinned.remove(name).unwrap_or_else(|| {
            loop {
                if let Some(id) = Uuid::from_random(self.stream.bytes16()) {
                    return id;
                }
            }
        })
    }
}
