//! From facts to sentences: what happened, in English or Chinese, in one line each.
//!
//! One message per fact in `en.ftl` and `zh.ftl` (Fluent), its arguments the fact's own fields. A
//! sentence of a node leaves the node out: the line's second column names who speaks.

mod amounts;
mod arguments;
mod catalogue;
mod lines;
mod links;
mod losses;
mod reasons;
mod values;
mod wanted;

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
pub(super) mod tests;

use arguments::Arguments;
use catalogue::Catalogue;
pub use lines::clock;
pub(super) use wanted::client_of;

use super::{Channel, Lang, World};
use crate::fact::Fact;
use crate::sim::{Duration, NodeId};

/// Tells what happened in one language.
#[derive(Clone, Copy)]
pub struct Narrator {
    lang: Lang,
    catalogue: &'static Catalogue,
}

impl Narrator {
    /// A narrator who speaks `lang`.
    pub fn new(lang: Lang) -> Self {
        Self { lang, catalogue: Catalogue::of(lang) }
    }

    /// What it speaks.
    pub fn lang(self) -> Lang {
        self.lang
    }

    /// What `node` told, in a sentence.
    pub fn fact(self, node: NodeId, fact: &Fact, world: &dyn World) -> String {
        let kind: &'static str = fact.into();
        let mut arguments = self.arguments(world);
        arguments.node("node", node);
        arguments.fields(values::fields(fact));
        arguments.context(node, fact);
        self.say(&format!("fact-{kind}"), &arguments)
    }

    /// Who speaks, in a word.
    pub fn channel(self, channel: Channel, node: NodeId, world: &dyn World) -> String {
        match channel {
            Channel::Node => world.node(node).to_owned(),
            other => self.word(&format!("channel-{}", <&str>::from(other))),
        }
    }

    /// A span of time: `9 s`, `3.22 ms`.
    pub fn span(self, span: Duration) -> String {
        amounts::span(self.catalogue, span.as_nanos())
    }

    /// The value of a setting with its unit: `9 s` for the 9000 of `broker.session.timeout.ms`.
    pub fn setting(self, key: &str, value: &str) -> String {
        amounts::setting(self.catalogue, key, value)
    }

    fn arguments(self, world: &dyn World) -> Arguments<'_> {
        Arguments::new(self.catalogue, world)
    }

    /// The message called `id`.
    fn say(self, id: &str, arguments: &Arguments<'_>) -> String {
        let text = self.catalogue.format(id, arguments.get());
        text.unwrap_or_else(|| unreachable!("no message {id} in {}", self.lang.code()))
    }

    /// A message without arguments.
    pub(crate) fn word(self, id: &str) -> String {
        let text = self.catalogue.format(id, &fluent_bundle::FluentArgs::new());
        text.unwrap_or_else(|| unreachable!("no message {id} in {}", self.lang.code()))
    }
}

impl std::fmt::Debug for Narrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Narrator({})", self.lang.code())
    }
}
