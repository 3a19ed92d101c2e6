//! From a command as it is written to one that can be carried out.

use strum::IntoEnumIterator;

use super::command::{Command, Instruction, Link, Message, NewTopic, ProduceTo, SeekTo};
use super::error::LineError;
use super::function::{Item, Type};
use super::grammar::Verb;
use super::kinds::Kinds;
use super::names::Names;
use super::resolve::Typed;
use super::syntax::{Arg, Line, Reference};
use super::value::{Expr, Value};
use crate::config::{ConfigError, Domain, Overrides, setting};
use crate::feature::{LevelError, Levels};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::Api;
use crate::scenario::span::Spanned;

impl Names {
    /// Looks up the names of a line and checks what it says.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn instruction(&self, line: &Line) -> Result<Instruction, LineError> {
        let text: Name = line.to_string().into();
        match line {
            Line::Foreign(words) => Ok(Instruction {
                command: Command::Foreign(words.clone()),
                lasting: None,
                line: text,
                subject: None,
            }),
            Line::Command { production, arguments, lasting } => {
                let mut lower = Lower { names: self, arguments: arguments.iter(), subject: None };
                let command = lower.command(production.verb)?;
                Ok(Instruction { command, lasting: *lasting, line: text, subject: lower.subject })
            }
        }
    }
}

/// Walks through the arguments of one command.
struct Lower<'n, 'a> {
    names: &'n Names,
    arguments: std::slice::Iter<'a, Arg>,
    subject: Option<Type>,
}

impl<'a> Lower<'_, 'a> {
    fn command(&mut self, verb: Verb) -> Result<Command, LineError> {
        Ok(match verb {
            Verb::Kill => Command::Kill(self.set(Kinds::PROCESS)?),
            Verb::Stop => Command::Stop(self.set(Kinds::PROCESS)?),
            Verb::Start => Command::Start(self.set(Kinds::PROCESS)?),
            Verb::PowerOff => Command::PowerOff(self.set(Kinds::SERVER)?),
            Verb::Wipe => Command::Wipe(self.set(Kinds::SERVER)?),
            Verb::Pause => Command::Pause(self.set(Kinds::PROCESS)?),
            Verb::Resume => Command::Resume(self.set(Kinds::PROCESS)?),
            Verb::Remove => Command::Remove(self.one(Kinds::CLIENT)?),
            Verb::AddBroker => {
                self.subject = Some(Type { item: Item::Thing(Kinds::BROKER), list: false });
                Command::AddBroker
            }
            Verb::AddConsumer => {
                self.subject = Some(Type { item: Item::Thing(Kinds::CONSUMER), list: false });
                Command::AddConsumer { group: self.group()? }
            }
            Verb::AddPartitions => {
                let count = self.count()?;
                Command::AddPartitions { count, topic: self.topic()? }
            }
            Verb::Partition => Command::Partition(self.link()?),
            Verb::Heal => Command::Heal(self.optional(Self::link)?),
            Verb::Hold => Command::Hold(self.link()?),
            Verb::Release => Command::Release(self.link()?),
            Verb::Reset => Command::Reset(self.link()?),
            Verb::Delay => {
                let link = self.link()?;
                let Arg::Span(by) = self.next() else { unreachable!("a delay says how long") };
                Command::Delay { link, by: *by }
            }
            Verb::DropNext => {
                let message = self.message()?;
                Command::DropNext { message, link: self.link()? }
            }
            Verb::SlowDisk => {
                Command::SlowDisk { of: self.set(Kinds::SERVER)?, factor: self.factor() }
            }
            Verb::SlowCpu => {
                Command::SlowCpu { of: self.set(Kinds::PROCESS)?, factor: self.factor() }
            }
            Verb::Produce => self.produce()?,
            Verb::Rate => {
                let producer = self.one(Kinds::PRODUCER)?;
                let Arg::Rate(rate) = self.next() else { unreachable!("a rate is a rate") };
                Command::Rate { producer, rate: *rate }
            }
            Verb::Seek => Command::Seek {
                who: self.one(Kinds::GROUP | Kinds::CONSUMER)?,
                partition: self.partition()?,
                to: self.seek_to()?,
            },
            Verb::SetTopic => {
                let topic = self.topic()?;
                let (name, value) = self.setting(Domain::Topic)?;
                Command::SetTopic { topic, name, value }
            }
            Verb::SetBroker => {
                let broker = self.broker_or_all()?;
                let (name, value) = self.setting(Domain::Broker)?;
                Command::SetBroker { broker, name, value }
            }
            Verb::SetGroup => {
                let group = self.group()?;
                let (name, value) = self.setting(Domain::Group)?;
                Command::SetGroup { group, name, value }
            }
            Verb::SetLevel => self.set_level()?,
            Verb::CreateTopic => Command::CreateTopic(self.new_topic()?),
            Verb::DeleteTopic => Command::DeleteTopic { topic: self.topic()? },
            Verb::Elect => {
                let unclean = matches!(self.next(), Arg::Keyword("unclean"));
                Command::Elect { unclean, partition: self.partition()? }
            }
            Verb::Reassign => {
                Command::Reassign { partition: self.partition()?, to: self.brokers()? }
            }
            Verb::Break => {
                let Arg::Condition(cond) = self.next() else { unreachable!("a condition") };
                Command::Break(self.names.condition(cond)?)
            }
            Verb::Goto => {
                let Arg::Instant(at) = self.next() else { unreachable!("a moment") };
                Command::Goto(*at)
            }
            Verb::Step => Command::Step(self.count()? as usize),
            Verb::Save => Command::Save(self.text()),
        })
    }

    fn next(&mut self) -> &'a Arg {
        self.arguments.next().expect("the parser filled every place of the row")
    }

    fn set(&mut self, kinds: Kinds) -> Result<Vec<Expr>, LineError> {
        let Arg::Set(items) = self.next() else { unreachable!("a selection") };
        let mut exprs = Vec::new();
        let mut subject: Option<Type> = None;
        for item in items {
            let Typed { expr, of } = self.names.target(item, kinds)?;
            let Item::Thing(found) = of.item else { unreachable!("selections are of things") };
            subject = Some(match subject {
                None => of,
                Some(Type { item: Item::Thing(before), .. }) => {
                    Type { item: Item::Thing(before | found), list: true }
                }
                Some(_) => unreachable!("selections are of things"),
            });
            exprs.push(expr);
        }
        // Of several selections the first is meant.
        self.subject = self.subject.or(subject);
        Ok(exprs)
    }

    fn reference(&mut self) -> &'a Spanned<Reference> {
        let Arg::Name(name) = self.next() else { unreachable!("a name") };
        name
    }

    fn one(&mut self, kinds: Kinds) -> Result<Expr, LineError> {
        let name = self.reference();
        self.names.find(name, kinds)
    }

    fn group(&mut self) -> Result<Name, LineError> {
        match self.one(Kinds::GROUP)? {
            Expr::Value(Value::Group(name)) => Ok(name),
            _ => unreachable!("steps name processes only"),
        }
    }

    fn topic(&mut self) -> Result<Name, LineError> {
        match self.one(Kinds::TOPIC)? {
            Expr::Value(Value::Topic(name)) => Ok(name),
            _ => unreachable!("steps name processes only"),
        }
    }

    fn partition(&mut self) -> Result<TopicPartition, LineError> {
        match self.one(Kinds::PARTITION)? {
            Expr::Value(Value::Partition(partition)) => Ok(partition),
            _ => unreachable!("steps name processes only"),
        }
    }

    fn broker_or_all(&mut self) -> Result<Option<BrokerId>, LineError> {
        let name = self.reference();
        if name.second.is_none() && &*name.first == "all" {
            return Ok(None);
        }
        let mut name = name.clone();
        // Kafka's tools say 1, the language says broker-1.
        if name.first.parse::<u32>().is_ok() {
            name.value.first = format!("broker-{}", name.first).into();
        }
        match self.names.find(&name, Kinds::BROKER)? {
            Expr::Value(Value::Broker(id)) => Ok(Some(id)),
            _ => Err(LineError::new(name.span, "name a broker here, not a step")),
        }
    }

    fn count(&mut self) -> Result<u32, LineError> {
        let Arg::Number(count) = self.next() else { unreachable!("a number") };
        u32::try_from(count.value)
            .ok()
            .filter(|count| *count <= crate::scenario::limits::PARTITIONS)
            .ok_or_else(|| LineError::new(count.span.clone(), "too many"))
    }

    fn factor(&mut self) -> u32 {
        let Arg::Factor(factor) = self.next() else { unreachable!("a factor") };
        *factor
    }

    fn text(&mut self) -> Name {
        let Arg::Text(text) = self.next() else { unreachable!("a text") };
        text.clone()
    }

    fn word(&mut self) -> &'a Spanned<Name> {
        let Arg::Word(word) = self.next() else { unreachable!("a word") };
        word
    }

    fn optional<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, LineError>,
    ) -> Result<Option<T>, LineError> {
        match self.next() {
            Arg::Present(present) => {
                let outer = std::mem::replace(&mut self.arguments, present.iter());
                let value = inner(self);
                self.arguments = outer;
                value.map(Some)
            }
            _ => Ok(None),
        }
    }

    fn link(&mut self) -> Result<Link, LineError> {
        let from = self.set(Kinds::PROCESS)?;
        let both_ways = matches!(self.next(), Arg::Keyword("|"));
        Ok(Link { from, to: self.set(Kinds::PROCESS)?, both_ways })
    }

    fn produce(&mut self) -> Result<Command, LineError> {
        let value = self.text();
        let key = self.optional(|lower| Ok(lower.text()))?;
        let to = match self.one(Kinds::TOPIC | Kinds::PARTITION)? {
            Expr::Value(Value::Partition(partition)) => ProduceTo::Partition(partition),
            Expr::Value(Value::Topic(topic)) => ProduceTo::Topic(topic),
            _ => unreachable!("steps name processes only"),
        };
        Ok(Command::Produce { value, key, to })
    }

    fn seek_to(&mut self) -> Result<SeekTo, LineError> {
        let word = self.word();
        Ok(match &*word.value {
            "earliest" => SeekTo::Earliest,
            "latest" => SeekTo::Latest,
            offset => SeekTo::Offset(offset.parse().map_err(|_| {
                LineError::new(word.span.clone(), format!("`{offset}` is no offset"))
            })?),
        })
    }

    fn brokers(&mut self) -> Result<Vec<BrokerId>, LineError> {
        let Arg::List(items) = self.next() else { unreachable!("a list") };
        let mut brokers = Vec::new();
        for item in items {
            let Typed { expr: Expr::Value(Value::Broker(id)), .. } =
                self.names.target(item, Kinds::BROKER)?
            else {
                return Err(LineError::new(item.span.clone(), "name brokers here, like [2, 3]"));
            };
            if brokers.contains(&id) {
                let message = format!("broker {id} is there twice");
                return Err(LineError::new(item.span.clone(), message));
            }
            brokers.push(id);
        }
        Ok(brokers)
    }

    fn message(&mut self) -> Result<Message, LineError> {
        let word = self.word();
        let (name, response) = match word.strip_suffix("Response") {
            Some(name) => (name, true),
            None => (word.strip_suffix("Request").unwrap_or(word), false),
        };
        Api::iter().find(|api| api.name() == name).map(|api| Message { api, response }).ok_or_else(
            || {
                let names: Vec<_> = Api::iter().map(|api| api.name().to_owned()).collect();
                LineError::new(
                    word.span.clone(),
                    format!("unknown kind of message `{}`", word.value),
                )
                .suggest(name, &names, "there are")
            },
        )
    }

    /// A setting and its value; none for `default`.
    fn setting(&mut self, domain: Domain) -> Result<(Name, Option<Name>), LineError> {
        let (name, value) = (self.word(), self.word());
        let known = domain.definition(name);
        known.map_err(|error| config_error(&error, name, value))?;
        if domain == Domain::Broker && !setting(domain, name).is_some_and(|known| known.dynamic) {
            return Err(LineError::new(
                name.span.clone(),
                format!("a broker reads `{}` only when it starts", name.value),
            )
            .hint("set it under [cluster] or [brokers.N]"));
        }
        if &*value.value == "default" {
            return Ok((name.value.clone(), None));
        }
        let canonical = domain.canonical(name, value);
        let canonical = canonical.map_err(|error| config_error(&error, name, value))?;
        Ok((name.value.clone(), Some(canonical.into())))
    }

    fn set_level(&mut self) -> Result<Command, LineError> {
        let broker = self.broker_or_all()?;
        let (level, word) = (self.word(), self.word());
        let wrong = |error: LevelError, at: &Spanned<Name>| {
            let mut wrong = LineError::new(at.span.clone(), error.to_string());
            wrong.hint = error.hint();
            wrong
        };
        let known = Levels::find(level).map_err(|error| wrong(error, level))?;
        let value = Levels::default().set(level, word).map_err(|error| wrong(error, word))?;
        if !value.modelled {
            let message = format!("`{} = {}` cannot be simulated yet", known.name, value.word);
            return Err(LineError::new(word.span.clone(), message));
        }
        Ok(Command::SetLevel { broker, level: known.name, word: value.word })
    }

    fn new_topic(&mut self) -> Result<NewTopic, LineError> {
        let name = self.reference();
        if name.second.is_some() || name.first.len() > 249 {
            return Err(LineError::new(name.span.clone(), "no name for a topic"));
        }
        let mut topic = NewTopic {
            name: name.first.clone(),
            partitions: None,
            replication_factor: None,
            config: Overrides::default(),
        };
        let Arg::Repeated(options) = self.next() else { unreachable!("options repeat") };
        for option in options {
            let [Arg::Word(name), Arg::Word(value)] = option.as_slice() else {
                unreachable!("an option is a name and a value")
            };
            let count = |most: u32| {
                let count = value.parse().ok().filter(|count| (1..=most).contains(count));
                count.ok_or_else(|| {
                    LineError::new(value.span.clone(), format!("a number from 1 to {most}"))
                })
            };
            match &*name.value {
                "partitions" => {
                    topic.partitions = Some(count(crate::scenario::limits::PARTITIONS)?);
                }
                "replication-factor" => {
                    topic.replication_factor = Some(count(crate::scenario::limits::BROKERS)?);
                }
                _ => topic
                    .config
                    .set(Domain::Topic, name, value)
                    .map_err(|error| config_error(&error, name, value))?,
            }
        }
        Ok(topic)
    }
}

fn config_error(error: &ConfigError, name: &Spanned<Name>, value: &Spanned<Name>) -> LineError {
    let at = match error {
        ConfigError::Invalid { .. } | ConfigError::ValueNotModelled { .. } => &value.span,
        _ => &name.span,
    };
    let mut wrong = LineError::new(at.clone(), error.to_string());
    wrong.hint = error.hint();
    wrong
}
