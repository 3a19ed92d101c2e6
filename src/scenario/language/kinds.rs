//! Kinds of things that commands and conditions name.

use std::ops::BitOr;

/// A set of kinds: what may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Kinds(u16);

impl Kinds {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// A broker: `broker-1`.
    pub const BROKER: Self = Self(1);
    /// A controller: `controller-1`.
    pub const CONTROLLER: Self = Self(1 << 1);
    /// A consumer: `c1`, or `checkout/c1` where two groups have one of that name.
    pub const CONSUMER: Self = Self(1 << 2);
    /// A producer: `web`.
    pub const PRODUCER: Self = Self(1 << 3);
    /// A group: `checkout`.
    pub const GROUP: Self = Self(1 << 4);
    /// A topic: `kq`.
    pub const TOPIC: Self = Self(1 << 5);
    /// A partition: `kq-0`, or `kq/0` where a topic is called `kq-0`.
    pub const PARTITION: Self = Self(1 << 6);

    /// Processes that keep logs.
    pub const SERVER: Self = Self(Self::BROKER.0 | Self::CONTROLLER.0);
    /// Programs of users.
    pub const CLIENT: Self = Self(Self::CONSUMER.0 | Self::PRODUCER.0);
    /// Everything that is a process of its own.
    pub const PROCESS: Self = Self(Self::SERVER.0 | Self::CLIENT.0);
    /// Everything.
    pub const ANY: Self = Self((1 << 7) - 1);

    /// Each kind and set of kinds that has a name of its own: one of them, several of them.
    const NAMES: [(Self, &'static str, &'static str); 11] = [
        (Self::BROKER, "a broker", "brokers"),
        (Self::CONTROLLER, "a controller", "controllers"),
        (Self::CONSUMER, "a consumer", "consumers"),
        (Self::PRODUCER, "a producer", "producers"),
        (Self::GROUP, "a group", "groups"),
        (Self::TOPIC, "a topic", "topics"),
        (Self::PARTITION, "a partition", "partitions"),
        (Self::SERVER, "a server", "servers"),
        (Self::CLIENT, "a client", "clients"),
        (Self::PROCESS, "a process", "processes"),
        (Self::ANY, "a name", "names"),
    ];

    /// True when some kind is in both.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True for no kind at all.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// `a broker`, `a topic or a partition`.
    pub fn name(self) -> String {
        self.named(|(_, one, _)| one, "nothing")
    }

    /// `brokers`, `topics or partitions`.
    pub fn plural(self) -> String {
        self.named(|(_, _, several)| several, "things")
    }

    fn named(
        self,
        column: fn(&(Self, &'static str, &'static str)) -> &'static str,
        none: &'static str,
    ) -> String {
        if let Some(row) = Self::NAMES.iter().find(|(kinds, ..)| *kinds == self) {
            return column(row).to_owned();
        }
        let rows = Self::NAMES.iter().take(7).filter(|(kind, ..)| self.meets(*kind));
        let names: Vec<_> = rows.map(column).collect();
        match names.split_last() {
            None => none.to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
        }
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}
