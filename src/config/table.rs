//! One line per setting makes the typed field, its documentation, its definition, and the code that
//! reads and writes it by name.

use super::definition::{Definition, Domain, Effect};
use super::{ConfigError, Setting};

/// Declares the settings of a domain:
/// `field: Type = kind("kafka.name", "default").modifier(…);`, without default where Kafka's is null.
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $config:ident for $domain:ident {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $type:ty = $kind:ident($name:literal $(, $default:literal)?)
                    $(.$modifier:ident($($argument:tt)*))*;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $config {
            $(
                $(#[doc = $doc])+
                #[doc = ""]
                #[doc = concat!("`", $name, "`" $(, ", by default `", $default, "`")?, ".")]
                pub $field: $type,
            )*
        }

        impl $config {
            /// The settings that can be given, in the order of this table.
            pub const DEFINITIONS: &'static [$crate::config::Definition] = &[
                $(
                    $crate::config::Definition::$kind($name)
                        $(.default($default))?
                        $(.$modifier($($argument)*))*
                        .doc(concat!($($doc),+)),
                )*
            ];

            /// Sets one setting to what Kafka's text says.
            ///
            /// # Errors
            /// Names and values that Kafka refuses, or that cannot be simulated.
            pub fn set(&mut self, name: &str, text: &str) -> Result<(), $crate::config::ConfigError> {
                let definition = $crate::config::Domain::$domain.definition(name)?;
                match definition.name {
                    $($name => self.$field = $crate::config::table::read(text, definition)?,)*
                    _ => unreachable!("a definition comes from the table above"),
                }
                Ok(())
            }

            /// Kafka's text for one setting; none for null, and for names that are not in the table.
            pub fn text(&self, name: &str) -> Option<String> {
                let definition = Self::DEFINITIONS.iter().find(|known| known.name == name)?;
                match definition.name {
                    $($name => $crate::config::Setting::text(&self.$field, definition),)*
                    _ => None,
                }
            }

            /// Sets everything that `overrides` says, and lists all that is wrong.
            pub(super) fn apply(
                &mut self,
                overrides: &$crate::config::Overrides,
            ) -> Vec<$crate::config::ConfigError> {
                overrides.iter().filter_map(|(name, text)| self.set(name, text).err()).collect()
            }
        }

        impl Default for $config {
            fn default() -> Self {
                static DEFAULT: std::sync::LazyLock<$config> = std::sync::LazyLock::new(|| {
                    let mut definitions = $config::DEFINITIONS.iter();
                    $config { $($field: $crate::config::table::initial(definitions.next()),)* }
                });
                DEFAULT.clone()
            }
        }
    };
}

pub(super) use settings;

/// The value of a setting that nobody set.
pub(super) fn initial<T: Setting>(definition: Option<&'static Definition>) -> T {
    let definition = definition.expect("there are as many definitions as fields");
    match definition.default {
        Some(text) => T::parse(text, definition).expect("defaults are accepted"),
        None => T::null().expect("only what may be null has no default"),
    }
}

/// Reads a value and refuses what cannot be simulated.
pub(super) fn read<T: Setting>(
    text: &str,
    definition: &'static Definition,
) -> Result<T, ConfigError> {
    let text = text.trim();
    let value = T::parse(text, definition).map_err(|reason| ConfigError::Invalid {
        name: definition.name,
        value: text.into(),
        reason,
    })?;
    if let Effect::Only(modelled) = definition.effect {
        let canonical = value.text(definition).unwrap_or_default();
        let default = definition.default.unwrap_or_default();
        if canonical != default && !modelled.contains(&canonical.as_str()) {
            let default = definition.default.map_or("not setting it", |text| text);
            return Err(ConfigError::ValueNotModelled {
                name: definition.name,
                value: text.into(),
                modelled: [default].iter().chain(modelled).map(|word| (*word).into()).collect(),
            });
        }
    }
    Ok(value)
}

impl Domain {
    /// The settings of this domain that can be given.
    pub fn definitions(self) -> &'static [Definition] {
        match self {
            Self::Broker => super::BrokerConfig::DEFINITIONS,
            Self::Topic => super::TopicConfig::DEFINITIONS,
            Self::Producer => super::ProducerConfig::DEFINITIONS,
            Self::Consumer => super::ConsumerConfig::DEFINITIONS,
            Self::Admin => super::AdminConfig::DEFINITIONS,
            Self::Group => &[],
            Self::SaramaProducer => super::SaramaProducerConfig::DEFINITIONS,
            Self::SaramaConsumer => super::SaramaConsumerConfig::DEFINITIONS,
            Self::KqPusher => super::KqPusherConfig::DEFINITIONS,
            Self::KqQueue => super::KqQueueConfig::DEFINITIONS,
        }
    }

    /// The setting called `name`.
    ///
    /// # Errors
    /// [`ConfigError::NotModelled`] where only Kafka knows it, [`ConfigError::Unknown`] where
    /// nobody does.
    pub fn definition(self, name: &str) -> Result<&'static Definition, ConfigError> {
        if let Some(definition) = self.definitions().iter().find(|known| known.name == name) {
            return Ok(definition);
        }
        if super::kafka::setting(self, name).is_some() {
            return Err(ConfigError::NotModelled { domain: self, name: name.into() });
        }
        if super::kafka::is_former(name) {
            return Err(ConfigError::Former { domain: self, name: name.into() });
        }
        let elsewhere = [Self::Topic, Self::Broker, Self::Producer, Self::Consumer, Self::Admin]
            .into_iter()
            .find(|domain| domain.definitions().iter().any(|known| known.name == name));
        let names = self.definitions().iter().map(|known| known.name);
        let near = match elsewhere {
            None => super::nearest(name, names)
                .or_else(|| super::nearest(name, super::kafka::settings(self).map(|s| s.name))),
            Some(_) => None,
        };
        Err(ConfigError::Unknown { domain: self, name: name.into(), near, elsewhere })
    }

    /// What Kafka would write for the value that `text` gives to `name`.
    ///
    /// # Errors
    /// Names and values that Kafka refuses, or that cannot be simulated.
    pub fn canonical(self, name: &str, text: &str) -> Result<String, ConfigError> {
        let definition = self.definition(name)?;
        macro_rules! through {
            ($config:ident) => {{
                let mut config = super::$config::default();
                config.set(name, text)?;
                config.text(name)
            }};
        }
        let canonical = match self {
            Self::Broker => through!(BrokerConfig),
            Self::Topic => through!(TopicConfig),
            Self::Producer => through!(ProducerConfig),
            Self::Consumer => through!(ConsumerConfig),
            Self::Admin => through!(AdminConfig),
            Self::Group => None,
            Self::SaramaProducer => through!(SaramaProducerConfig),
            Self::SaramaConsumer => through!(SaramaConsumerConfig),
            Self::KqPusher => through!(KqPusherConfig),
            Self::KqQueue => through!(KqQueueConfig),
        };
        // What was just set is not null, unless its type says that a value means nothing.
        Ok(canonical.or(definition.default.map(str::to_owned)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;
    use crate::config::Overrides;

    #[test]
    fn defaults_are_written_as_they_are_read() {
        for domain in Domain::iter() {
            for definition in domain.definitions() {
                if let Some(default) = definition.default {
                    let canonical = domain.canonical(definition.name, default);
                    assert_eq!(canonical.as_deref(), Ok(default), "{domain} {}", definition.name);
                }
            }
        }
    }

    #[test]
    fn wrong_names_are_answered_with_the_right_ones() {
        let answer = |domain: Domain, name: &str| {
            let error = Overrides::default().set(domain, name, "1").unwrap_err();
            error.hint().map_or(error.to_string(), |hint| format!("{error}; {hint}"))
        };
        insta::assert_snapshot!(answer(Domain::Topic, "retention.msec"), @"unknown topic setting `retention.msec`; did you mean `retention.ms`?");
        insta::assert_snapshot!(answer(Domain::Producer, "min.insync.replicas"), @"unknown producer setting `min.insync.replicas`; Kafka has it as a topic setting");
        insta::assert_snapshot!(answer(Domain::Broker, "zookeeper.connect"), @"Kafka 4.0 removed `zookeeper.connect`");
        insta::assert_snapshot!(answer(Domain::Broker, "listeners"), @"Kafka knows `listeners`, the simulator does not model it (yet)");
        insta::assert_snapshot!(answer(Domain::Group, "consumer.session.timeout.ms"), @"Kafka knows `consumer.session.timeout.ms`, the simulator does not model it (yet)");
        insta::assert_snapshot!(answer(Domain::Consumer, "colour"), @"unknown consumer setting `colour`");
    }

    #[test]
    fn numbers_and_fractions_keep_to_their_ranges() {
        let canonical = |name, text| {
            Domain::Topic.canonical(name, text).unwrap_or_else(|error| error.to_string())
        };
        assert_eq!(canonical("segment.bytes", "64MiB"), "67108864");
        assert_eq!(canonical("min.cleanable.dirty.ratio", "0.25"), "0.25");
        assert_eq!(canonical("min.cleanable.dirty.ratio", "1"), "1.0");
        insta::assert_snapshot!(canonical("min.cleanable.dirty.ratio", "1.5"), @"Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1");
        insta::assert_snapshot!(canonical("segment.bytes", "1000"), @"Invalid value 1000 for configuration segment.bytes: Value must be at least 1048576");
        insta::assert_snapshot!(canonical("segment.bytes", "99999999999"), @"Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT");
        insta::assert_snapshot!(canonical("segment.bytes", "1h"), @"Invalid value 1h for configuration segment.bytes: Not a number of type INT");
        insta::assert_snapshot!(canonical("retention.ms", "1us"), @"Invalid value 1us for configuration retention.ms: Not a number of type LONG");
        assert_eq!(
            canonical("retention.ms", "-7"),
            "Invalid value -7 for configuration retention.ms: Value must be at least -1"
        );
        assert_eq!(canonical("retention.bytes", "-7"), "-1");
    }
}
