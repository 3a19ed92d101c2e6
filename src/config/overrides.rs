//! Settings that somebody set: names and Kafka's texts, each checked by itself.

use std::collections::BTreeMap;

use super::{ConfigError, Domain};
use crate::ids::Name;
use crate::sim::Duration;

/// What was set, by name. What was not set has Kafka's default, and Kafka's rules between settings
/// ask which of them were set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<Name, Name>);

impl Overrides {
    /// Sets `name`, if it is a setting of `domain` that takes the value.
    ///
    /// # Errors
    /// Names and values that Kafka refuses, or that cannot be simulated.
    pub fn set(&mut self, domain: Domain, name: &str, text: &str) -> Result<(), ConfigError> {
        let canonical = domain.canonical(name, text)?;
        self.0.insert(name.into(), canonical.into());
        Ok(())
    }

    /// Kafka's text of what `name` was set to.
    pub fn get(&self, name: &str) -> Option<&Name> {
        self.0.get(name)
    }

    /// `reconnect.backoff.max.ms` beside a `reconnect.backoff.ms`: who sets only the latter means that it
    /// does not grow (`CommonClientConfigs.postProcessReconnectBackoffConfigs`).
    pub(super) fn settle_reconnect_backoff(&self, backoff: Duration, max: &mut Duration) {
        if self.contains("reconnect.backoff.ms") && !self.contains("reconnect.backoff.max.ms") {
            *max = backoff;
        }
    }

    /// True when somebody set `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Everything, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Name)> {
        self.0.iter()
    }

    /// True when nothing was set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What both say; `over` wins.
    #[must_use]
    pub fn overlaid(&self, over: &Self) -> Self {
        let mut both = self.clone();
        both.0.extend(over.iter().map(|(name, text)| (name.clone(), text.clone())));
        both
    }
}
