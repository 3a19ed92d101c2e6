//! Chains of causes as sentences.

use super::values::Value;
use super::{Narrator, amounts};
use crate::cluster::{EventKind, Happened};
use crate::explain::why::{Link, Says, Skipped, Tie};
use crate::explain::{Channel, StoryLine, World, world};
use crate::node::{TimerKind, Why};
use crate::protocol::Api;
use crate::sim::{Duration, NodeId};

impl Narrator {
    /// Who speaks in a link.
    pub fn link_speaker(self, link: &Link, world: &dyn World) -> String {
        match &link.says {
            Says::Lines(lines) => self.speaker(first(lines), world),
            Says::Facts(told) => {
                let first = told.first().expect("only what was told is a fact");
                self.channel(Channel::of(&first.fact), first.node, world)
            }
            Says::Event { .. } => self.channel(Channel::Node, link.event.node, world),
        }
    }

    /// What a link says.
    pub fn link(self, link: &Link, world: &dyn World) -> String {
        match &link.says {
            Says::Lines(lines) => self.line(first(lines), world),
            Says::Facts(told) => {
                let first = told.first().expect("only what was told is a fact");
                self.fact(first.node, &first.fact, world)
            }
            Says::Event { from } => self.event(&link.event, *from, world),
        }
    }

    /// How a link brought about `effect`, the link before it: `9 s later its timer rings: …`. None for
    /// the event that was asked about.
    pub fn tie(self, link: &Link, effect: &Link, world: &dyn World) -> Option<String> {
        let tie = link.tie?;
        let mut arguments = self.arguments(world);
        arguments.node("node", effect.event.node);
        arguments.node("from", link.event.node);
        arguments.value("after", Value::Span(link.after.as_nanos()));
        if let Some(skipped) = link.skipped {
            let skipped = self.skipped(skipped, world);
            arguments.set("skipped", skipped);
            return Some(self.say("tie-skipped", &arguments));
        }
        let id = match tie {
            Tie::Request(api) => {
                arguments.set("api", api.name());
                "tie-request"
            }
            Tie::Response(api) => {
                arguments.set("api", api.name());
                "tie-response"
            }
            Tie::Answer(api) => {
                arguments.set("api", api.name());
                "tie-answer"
            }
            Tie::Timer(_, why) => {
                arguments.set("why", self.why(why, link.event.node, world));
                let is_rule = matches!(why, Why::Rule(_));
                if is_rule && link.after == Duration::ZERO {
                    "tie-timer-at-once"
                } else {
                    "tie-timer"
                }
            }
            Tie::Connection => "tie-connection",
            Tie::Boot => "tie-boot",
            Tie::Command => "tie-command",
            Tie::TopicsExist => "tie-topics-exist",
            Tie::Internal => "tie-internal",
            Tie::Silence => "tie-silence",
            Tie::Decision => "tie-decision",
        };
        Some(self.say(id, &arguments))
    }

    /// Why a timer of `node` was set as it was: `broker.session.timeout.ms = 9 s`.
    pub fn why(self, why: Why, node: NodeId, world: &dyn World) -> String {
        match why {
            Why::Config(key) => {
                let told = |key: &str| {
                    let own = world.setting(node, key);
                    match own.as_deref().or_else(|| world::default_of(key)) {
                        Some(value) => {
                            format!("{key} = {}", amounts::setting(self.catalogue, key, value))
                        }
                        None => key.to_owned(),
                    }
                };
                // What grows with every attempt is named with how far it grows.
                match key {
                    "retry.backoff.ms" => {
                        format!("{} … {}", told(key), told("retry.backoff.max.ms"))
                    }
                    "reconnect.backoff.ms" => {
                        format!("{} … {}", told(key), told("reconnect.backoff.max.ms"))
                    }
                    _ => told(key),
                }
            }
            Why::Rule(rule) => {
                let arguments = self.arguments(world);
                let told = self.catalogue.format(&id_of_rule(rule), arguments.get());
                told.unwrap_or_else(|| rule.to_owned())
            }
            Why::Scenario => self.word("why-scenario"),
        }
    }

    /// What a timer is for.
    pub fn timer(self, timer: TimerKind) -> String {
        self.word(&format!("timer-{}", <&str>::from(timer)))
    }

    /// What it means that a request of `from` reaches `node`.
    pub fn request(
        self,
        api: Api,
        from: Option<NodeId>,
        node: NodeId,
        world: &dyn World,
    ) -> String {
        let mut arguments = self.arguments(world);
        arguments.node("node", node);
        match from {
            Some(from) => arguments.node("from", from),
            None => arguments.set("from", "?"),
        }
        self.say(&format!("api-{}", api.name()), &arguments)
    }

    /// An event of which nothing was told.
    fn event(self, event: &Happened, from: Option<NodeId>, world: &dyn World) -> String {
        match event.kind {
            EventKind::Request(api) => self.request(api, from, event.node, world),
            EventKind::Response(api) => {
                let mut arguments = self.arguments(world);
                arguments.node("node", event.node);
                arguments.set("api", api.name());
                match from {
                    Some(from) => arguments.node("from", from),
                    None => arguments.set("from", "?"),
                }
                self.say("event-response", &arguments)
            }
            EventKind::Timer(timer, _) => self.timer(timer.into()),
            EventKind::Connection => self.word("event-connection"),
            EventKind::Boot => self.word("event-boot"),
            EventKind::Command => self.word("event-command"),
            EventKind::Internal => self.word("event-internal"),
        }
    }

    fn skipped(self, skipped: Skipped, world: &dyn World) -> String {
        let mut arguments = self.arguments(world);
        let what = match skipped.mostly {
            EventKind::Request(api) | EventKind::Response(api) => api.name().to_owned(),
            EventKind::Timer(timer, _) => self.timer(timer.into()),
            other => self.event(&Happened { kind: other, ..NOTHING }, None, world),
        };
        arguments.set("mostly", what);
        arguments.set("events", skipped.events);
        self.say("skipped-events", &arguments)
    }
}

/// An event to name a kind of event by.
const NOTHING: Happened = Happened {
    at: crate::sim::Instant::ZERO,
    id: 0,
    cause: 0,
    origin: 0,
    node: NodeId(0),
    kind: EventKind::Internal,
    idle: false,
};

fn first(lines: &[StoryLine]) -> &StoryLine {
    lines.first().expect("a link with lines has one")
}

/// The message that says a rule of Kafka's in other words than English ones.
pub(in crate::explain) fn id_of_rule(rule: &str) -> String {
    let letters = rule.chars().map(|letter| {
        if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }
    });
    format!("why-{}", letters.collect::<String>())
}
