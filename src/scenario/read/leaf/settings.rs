//! Tables of Kafka's settings.

use super::super::{Node, Read, Reader, Shape};
use crate::config::ConfigError::{Invalid, ValueNotModelled};
use crate::config::{Definition, Domain, Effect, Overrides};
use crate::ids::Name;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::span::{Span, Spanned};

/// Kafka's settings of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// What was set.
    pub(crate) overrides: Overrides,
    /// Where: the name, and the value.
    pub(crate) places: Vec<(Spanned<Name>, Span)>,
}

impl Settings {
    /// Where the setting `name` was written.
    pub(crate) fn place(&self, name: &str) -> Option<&Span> {
        self.places.iter().find(|(written, _)| &*written.value == name).map(|(_, at)| at)
    }

    fn read(domain: Domain, node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let Node::Table(entries) = &node.value else {
            reader.mismatch(node, "settings like { \"retention.ms\" = 60000 }");
            return None;
        };
        let mut settings = Self::default();
        settings.add(domain, "", entries, reader);
        Some(settings)
    }

    /// Takes `"a.b" = 1` and `a.b = 1` for the same.
    fn add(
        &mut self,
        domain: Domain,
        prefix: &str,
        entries: &[(Spanned<Name>, Spanned<Node>)],
        reader: &mut Reader<'_>,
    ) {
        for (key, value) in entries {
            let name: Name = format!("{prefix}{}", key.value).into();
            if let Node::Table(inner) = &value.value {
                self.add(domain, &format!("{name}."), inner, reader);
                continue;
            }
            let Some(text) = value.plain() else {
                reader.mismatch(value, "a value");
                continue;
            };
            match self.overrides.set(domain, &name, &text) {
                Ok(()) => {
                    if let Ok(Definition { effect: Effect::Ignored, .. }) = domain.definition(&name)
                    {
                        let message = format!("nothing in the simulation depends on `{name}` yet");
                        reader.push(Diagnostic::warning(key.span.clone(), message));
                    }
                    let name = Spanned::new(name, key.span.clone());
                    self.places.push((name, value.span.clone()));
                }
                Err(error) => {
                    let at = match error {
                        Invalid { .. } | ValueNotModelled { .. } => value.span.clone(),
                        _ => key.span.clone(),
                    };
                    let hint = error.hint();
                    reader.push(Diagnostic::error(at, error.to_string()).maybe_hint(hint));
                }
            }
        }
    }
}

macro_rules! settings_of {
    ($($(#[$meta:meta])* $name:ident $domain:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct $name(pub(crate) Settings);

        impl Read for $name {
            fn shape() -> Shape {
                let known = Domain::$domain.definitions();
                Shape::Settings(known.iter().map(|known| (known.name, known.doc)).collect())
            }

            fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
                Settings::read(Domain::$domain, node, reader).map(Self)
            }

            fn absent() -> Option<Self> {
                Some(Self::default())
            }
        }
    )+};
}

settings_of! {
    /// Settings of a server.
    BrokerSettings Broker;
    /// Settings of a topic.
    TopicSettings Topic;
}

macro_rules! client_settings {
    ($($(#[$meta:meta])* $name:ident [$($domain:ident),+];)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct $name(Option<Spanned<Node>>);

        impl $name {
            /// The settings, by the names of this domain.
            pub(crate) fn of(&self, domain: Domain, reader: &mut Reader<'_>) -> Settings {
                let node = self.0.as_ref();
                node.and_then(|node| Settings::read(domain, node, reader)).unwrap_or_default()
            }
        }

        impl Read for $name {
            fn shape() -> Shape {
                let known = [$(Domain::$domain),+].into_iter().flat_map(Domain::definitions);
                let mut settings: Vec<_> = known.map(|known| (known.name, known.doc)).collect();
                let mut seen = std::collections::BTreeSet::new();
                settings.retain(|(name, _)| seen.insert(*name));
                Shape::Settings(settings)
            }

            fn read(node: &Spanned<Node>, _: &mut Reader<'_>) -> Option<Self> {
                Some(Self(Some(node.clone())))
            }

            fn absent() -> Option<Self> {
                Some(Self::default())
            }
        }
    )+};
}

client_settings! {
    /// Settings of a producer: whose names they have is known once its `client` is.
    ProducerSettings [Producer, SaramaProducer, KqPusher];
    /// Settings of a consumer: whose names they have is known once its `client` is.
    ConsumerSettings [Consumer, SaramaConsumer, KqQueue];
}
