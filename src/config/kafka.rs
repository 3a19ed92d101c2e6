//! Every setting that Kafka 4.1.0 knows, modelled or not: name, type, default and valid values, as
//! its own `ConfigDef`s list them.

use std::sync::LazyLock;

use super::Domain;

/// One setting of Kafka 4.1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KafkaSetting {
    /// Whose it is.
    pub domain: Domain,
    /// Its name.
    pub name: &'static str,
    /// Its type: `int`, `list`, …
    pub kind: &'static str,
    /// Its default; none for null and where there is none.
    pub default: Option<&'static str>,
    /// What Kafka's validator says of itself; `any` where there is none.
    pub valid: &'static str,
    /// Not meant for users.
    pub internal: bool,
    /// A broker takes it without a restart.
    pub dynamic: bool,
}

static SETTINGS: LazyLock<Vec<KafkaSetting>> = LazyLock::new(|| {
    include_str!("kafka-4.1.0.tsv")
        .lines()
        .map(|line| {
            let mut columns = line.split('\t');
            let mut column = || columns.next().expect("every line has six columns");
            KafkaSetting {
                domain: match column() {
                    "admin" => Domain::Admin,
                    "broker" => Domain::Broker,
                    "consumer" => Domain::Consumer,
                    "group" => Domain::Group,
                    "producer" => Domain::Producer,
                    "topic" => Domain::Topic,
                    other => unreachable!("the table has no domain {other}"),
                },
                name: column(),
                kind: column(),
                default: column().strip_prefix('='),
                valid: column(),
                ..flags(column())
            }
        })
        .collect()
});

fn flags(column: &'static str) -> KafkaSetting {
    KafkaSetting {
        domain: Domain::Broker,
        name: "",
        kind: "",
        default: None,
        valid: "",
        internal: column.contains("internal"),
        dynamic: column.contains("dynamic"),
    }
}

/// Settings of servers and topics that Kafka 4.0 dropped.
const FORMER: [&str; 20] = [
    "broker.id.generation.enable",
    "control.plane.listener.name",
    "controlled.shutdown.max.retries",
    "controlled.shutdown.retry.backoff.ms",
    "delegation.token.master.key",
    "group.coordinator.new.enable",
    "inter.broker.protocol.version",
    "leader.imbalance.per.broker.percentage",
    "log.message.format.version",
    "log.message.timestamp.difference.max.ms",
    "message.downconversion.enable",
    "message.format.version",
    "message.timestamp.difference.max.ms",
    "offsets.commit.required.acks",
    "password.encoder.secret",
    "reserved.broker.max.id",
    "zookeeper.connect",
    "zookeeper.connection.timeout.ms",
    "zookeeper.session.timeout.ms",
    "zookeeper.set.acl",
];

/// True for a name that Kafka 3.9 still knew.
pub(super) fn is_former(name: &str) -> bool {
    FORMER.contains(&name)
}

/// Kafka's settings of a domain, by name.
pub fn settings(domain: Domain) -> impl Iterator<Item = &'static KafkaSetting> {
    SETTINGS.iter().filter(move |setting| setting.domain == domain)
}

/// Kafka's setting of this name.
pub fn setting(domain: Domain, name: &str) -> Option<&'static KafkaSetting> {
    settings(domain).find(|setting| setting.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Kind, Valid};

    /// What `ConfigDef` prints of a validator.
    fn printed(valid: Valid) -> String {
        match valid {
            Valid::Any => "any".to_owned(),
            Valid::AtLeast(least) => format!("[{least},...]"),
            Valid::Between(least, most) => format!("[{least},...,{most}]"),
            Valid::OneOf(words) => format!("[{}]", words.join(", ")),
            Valid::OneOfIgnoringCase(words) => format!("(case insensitive) [{}]", words.join(", ")),
            Valid::NonEmpty => "non-empty string".to_owned(),
        }
    }

    fn kind_name(kind: Kind) -> &'static str {
        match kind {
            Kind::Boolean => "boolean",
            Kind::Short => "short",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Double => "double",
            Kind::String => "string",
            Kind::List => "list",
            Kind::Class => "class",
            Kind::Span => unreachable!("no type of Kafka's"),
        }
    }

    /// Validators of Kafka's that are no range and no list of words; types check these.
    const CHECKED_OTHERWISE: [&str; 4] = [
        "compression.gzip.level",
        "follower.replication.throttled.replicas",
        "leader.replication.throttled.replicas",
        "auto.offset.reset",
    ];

    #[test]
    fn every_definition_says_what_kafka_says() {
        let mut wrong = Vec::new();
        for domain in Domain::KAFKA {
            for definition in domain.definitions() {
                let name = definition.name;
                let Some(kafka) = setting(domain, name) else {
                    wrong.push(format!("{domain} {name}: not in Kafka"));
                    continue;
                };
                if kafka.kind != kind_name(definition.kind) {
                    wrong.push(format!("{domain} {name}: type {}", kafka.kind));
                }
                let default = kafka.default.map(|text| domain.canonical(name, text));
                if default != definition.default.map(|text| Ok(text.to_owned())) {
                    wrong.push(format!("{domain} {name}: default {:?}", kafka.default));
                }
                if kafka.valid != printed(definition.valid)
                    && kafka.valid != "non-null string"
                    && !CHECKED_OTHERWISE.contains(&name)
                {
                    wrong.push(format!("{domain} {name}: valid {}", kafka.valid));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn names_are_listed_once_and_in_order() {
        assert!(FORMER.is_sorted());
        assert!(FORMER.iter().all(|name| setting(Domain::Broker, name).is_none()));
        for domain in Domain::KAFKA {
            let names: Vec<_> = settings(domain).map(|setting| setting.name).collect();
            assert!(names.is_sorted_by(|a, b| a < b), "{domain}");
        }
    }
}
