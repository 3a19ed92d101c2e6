//! What is known of one setting: Kafka's name and type, default, what it accepts, and whether the
//! simulator follows it.

use std::fmt;

/// Whose settings: Kafka keeps one table of names for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
pub enum Domain {
    /// A server process: broker, controller or both (`KafkaConfig`).
    Broker,
    /// A topic (`LogConfig`).
    Topic,
    /// A producer (`ProducerConfig`).
    Producer,
    /// A consumer (`ConsumerConfig`).
    Consumer,
    /// An admin client (`AdminClientConfig`).
    Admin,
    /// What a coordinator keeps per group (`GroupConfig`, KIP-848).
    Group,
    /// A producer of sarama (`sarama.Config`).
    SaramaProducer,
    /// A consumer of sarama (`sarama.Config`).
    SaramaConsumer,
    /// A pusher of go-queue's kq (`PushOption`).
    KqPusher,
    /// A queue of go-queue's kq (`KqConf`, `QueueOption`).
    KqQueue,
}

impl Domain {
    /// Kafka's own tables, those of other client libraries left out.
    pub const KAFKA: [Self; 6] =
        [Self::Broker, Self::Topic, Self::Producer, Self::Consumer, Self::Admin, Self::Group];

    /// Who has a setting of this name.
    pub(super) fn owner(name: &str) -> &'static str {
        let has = |domain: Self| domain.definitions().iter().any(|known| known.name == name);
        if has(Self::SaramaProducer) || has(Self::SaramaConsumer) {
            "sarama"
        } else if has(Self::KqPusher) || has(Self::KqQueue) {
            "kq"
        } else {
            "Kafka"
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Broker => "broker",
            Self::Topic => "topic",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Admin => "admin",
            Self::Group => "group",
            Self::SaramaProducer => "sarama producer",
            Self::SaramaConsumer => "sarama consumer",
            Self::KqPusher => "kq pusher",
            Self::KqQueue => "kq queue",
        })
    }
}

/// Kafka's types of settings (`ConfigDef.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// 16 bits.
    Short,
    /// 32 bits.
    Int,
    /// 64 bits.
    Long,
    /// A number with a fraction.
    Double,
    /// Text.
    String,
    /// Texts with commas between.
    List,
    /// A Java class.
    Class,
    /// A time with its unit, as Go writes it: `100ms`.
    Span,
}

/// What a number counts, by the end of its setting's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes: `64KiB` may be written.
    Bytes,
    /// Time, in milliseconds, seconds, minutes or hours: `30s` may be written.
    Time {
        /// One of them, in milliseconds.
        millis: u64,
    },
}

/// Which values are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Valid {
    /// All of its type.
    Any,
    /// Numbers from here on.
    AtLeast(i64),
    /// Numbers in between, both included.
    Between(i64, i64),
    /// These words; each element, for a list.
    OneOf(&'static [&'static str]),
    /// These words, in any case.
    OneOfIgnoringCase(&'static [&'static str]),
    /// Texts with something in them.
    NonEmpty,
}

/// Whether the simulator follows a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Modelled,
    /// It reads the setting, and nothing depends on it.
    Ignored,
    /// It follows the default and these values, and refuses others.
    Only(&'static [&'static str]),
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Kafka's name.
    pub name: &'static str,
    /// Kafka's type.
    pub kind: Kind,
    /// The default as Kafka writes it; none where Kafka says null.
    pub default: Option<&'static str>,
    /// What is accepted.
    pub valid: Valid,
    /// Whether it does anything here.
    pub effect: Effect,
    /// The first release that has it; empty where nobody looked, or before 0.9.
    pub since: &'static str,
    /// One sentence on what it does.
    pub doc: &'static str,
}

impl Definition {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            default: None,
            valid: Valid::Any,
            effect: Effect::Modelled,
            since: "",
            doc: "",
        }
    }

    /// A setting of type boolean.
    pub(super) const fn boolean(name: &'static str) -> Self {
        Self::new(name, Kind::Boolean)
    }

    /// A setting of type short.
    pub(super) const fn short(name: &'static str) -> Self {
        Self::new(name, Kind::Short)
    }

    /// A setting of type int.
    pub(super) const fn int(name: &'static str) -> Self {
        Self::new(name, Kind::Int)
    }

    /// A setting of type long.
    pub(super) const fn long(name: &'static str) -> Self {
        Self::new(name, Kind::Long)
    }

    /// A setting of type double.
    pub(super) const fn double(name: &'static str) -> Self {
        Self::new(name, Kind::Double)
    }

    /// A setting of type string.
    pub(super) const fn string(name: &'static str) -> Self {
        Self::new(name, Kind::String)
    }

    /// A setting of type list.
    pub(super) const fn list(name: &'static str) -> Self {
        Self::new(name, Kind::List)
    }

    /// A setting of type class.
    pub(super) const fn class(name: &'static str) -> Self {
        Self::new(name, Kind::Class)
    }

    /// A time as Go writes it.
    pub(super) const fn span(name: &'static str) -> Self {
        Self::new(name, Kind::Span)
    }

    pub(super) const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    pub(super) const fn doc(mut self, text: &'static str) -> Self {
        self.doc = text;
        self
    }

    pub(super) const fn at_least(mut self, least: i64) -> Self {
        self.valid = Valid::AtLeast(least);
        self
    }

    pub(super) const fn between(mut self, least: i64, most: i64) -> Self {
        self.valid = Valid::Between(least, most);
        self
    }

    pub(super) const fn one_of(mut self, words: &'static [&'static str]) -> Self {
        self.valid = Valid::OneOf(words);
        self
    }

    pub(super) const fn one_of_ignoring_case(mut self, words: &'static [&'static str]) -> Self {
        self.valid = Valid::OneOfIgnoringCase(words);
        self
    }

    pub(super) const fn non_empty(mut self) -> Self {
        self.valid = Valid::NonEmpty;
        self
    }

    pub(super) const fn since(mut self, release: &'static str) -> Self {
        self.since = release;
        self
    }

    /// Nothing depends on it yet.
    pub(super) const fn ignored(mut self) -> Self {
        self.effect = Effect::Ignored;
        self
    }

    /// Besides the default, only these values can be simulated yet.
    pub(super) const fn only(mut self, values: &'static [&'static str]) -> Self {
        self.effect = Effect::Only(values);
        self
    }

    /// What its number counts.
    pub fn unit(&self) -> Unit {
        let last = self.name.rsplit('.').next().unwrap_or_default();
        let time = |millis| Unit::Time { millis };
        match (self.kind, last) {
            (Kind::Int, last) if last.ends_with("Bytes") => Unit::Bytes,
            (Kind::Span, _) | (Kind::Int | Kind::Long, "ms") => time(1),
            (Kind::Int | Kind::Long, "seconds") => time(1_000),
            (Kind::Int | Kind::Long, "minutes") => time(60_000),
            (Kind::Int | Kind::Long, "hours") => time(3_600_000),
            (Kind::Int | Kind::Long, "bytes" | "size" | "memory")
                if self.name != "group.max.size" =>
            {
                Unit::Bytes
            }
            _ => Unit::Count,
        }
    }
}
