//! Producers, groups and their consumers.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{check_name, conflicts, handlers, unknown_topic};
use crate::client::consumer::Slow;
use crate::client::producer::SendMode;
use crate::client::{consumer, producer};
use crate::config::{
    ConfigError, ConsumerConfig, Domain, KqPusherConfig, KqQueueConfig, Overrides, ProducerConfig,
    SaramaConsumerConfig, SaramaProducerConfig,
};
use crate::ids::Name;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::{Document, GroupTable, ProducerTable};
use crate::scenario::limits;
use crate::scenario::model::{
    Cluster, Commit, Group, KeyChoice, Library, Marks, Member, Producer, Sends,
};
use crate::scenario::read::{Reader, Settings};
use crate::scenario::span::{Span, Spanned};
use crate::sim::{Duration, Instant};

pub(super) fn producers(
    document: &Document,
    known: &dyn Fn(&str) -> bool,
    topics: &[Name],
    duration: Duration,
    reader: &mut Reader<'_>,
) -> Vec<Producer> {
    let mut records = 0_u64;
    let mut producers = Vec::new();
    for (name, table) in document.producers.iter() {
        check_name(name, "a producer", reader);
        let producer = producer(name, table, known, topics, reader);
        records = records.saturating_add(most_records(&producer, duration));
        if records > limits::RECORDS {
            let at = table.rate.as_ref().map_or(&name.span, |rate| &rate.span);
            let message = format!("{records} records are more than {}", limits::RECORDS);
            reader.error(at, message);
            break;
        }
        producers.push(producer);
    }
    producers
}

/// How many records a producer sends, if nothing holds it up.
fn most_records(producer: &Producer, duration: Duration) -> u64 {
    let Some(rate) = producer.rate else { return 0 };
    let until = producer.stop.map_or(duration, |stop| stop.since(Instant::ZERO)).min(duration);
    let span = until.saturating_sub(producer.start).as_nanos();
    let ticks = u128::from(span) * u128::from(rate.count) / u128::from(rate.per.as_nanos().max(1));
    let records = ticks.saturating_mul(u128::from(producer.batch));
    let records = u64::try_from(records).unwrap_or(u64::MAX);
    producer.count.map_or(records, |count| count.min(records))
}

fn producer(
    name: &Spanned<Name>,
    table: &ProducerTable,
    known: &dyn Fn(&str) -> bool,
    topics: &[Name],
    reader: &mut Reader<'_>,
) -> Producer {
    if let (Some(topic), [_, ..]) = (&table.topic, table.topics.as_slice()) {
        reader.error(&topic.span, "`topic` and `topics`: one of them is enough");
    }
    let named: Vec<_> = table.topic.iter().chain(&table.topics).collect();
    if named.is_empty() && table.whole {
        reader.error(&table.at, format!("where does `{}` send to? `topic` is missing", name.value));
    }
    for topic in named.iter().filter(|topic| !known(topic)) {
        unknown_topic(topic, topics, reader);
    }
    if let Some(size) = &table.value_size
        && size.value.0 > limits::RECORD_BYTES
    {
        reader.error(&size.span, format!("a value has {} bytes at most", limits::RECORD_BYTES));
    }
    let start = table.start.unwrap_or(Duration::ZERO);
    let client = library(table.client.as_ref(), reader);
    let sends = table.sends.as_ref().map_or(Sends::Async, |sends| sends.value);
    let (config, personality, overrides) = match client {
        Library::Sarama => sarama_producer(table, sends, reader),
        Library::Kq => kq_producer(table, sends, reader),
        Library::Java | Library::Librdkafka => java_producer(table, reader),
    };
    Producer {
        name: name.value.clone(),
        client,
        topics: named.into_iter().map(|topic| topic.value.clone()).collect(),
        rate: table.rate.as_ref().map(|rate| rate.value).filter(|rate| rate.count > 0),
        batch: table.batch.as_ref().map_or(1, |batch| batch.value.0 as u32),
        count: table.count.as_ref().map(|count| count.value.0 as u64),
        keys: table.keys.as_ref().map_or_else(Vec::new, |keys| keys.0.clone()),
        key_choice: table.key_choice.unwrap_or(KeyChoice::InTurn),
        value_size: table.value_size.as_ref().map_or(100, |size| size.value.0),
        start,
        stop: table.stop,
        sends,
        prints: table.prints.unwrap_or(false),
        overrides,
        config,
        personality,
    }
}

/// What a client library makes of a producer's table.
type ProducerParts = (ProducerConfig, producer::Personality, Overrides);

fn java_producer(table: &ProducerTable, reader: &mut Reader<'_>) -> ProducerParts {
    let settings = table.config.of(Domain::Producer, reader);
    let config = ProducerConfig::new(&settings.overrides).unwrap_or_else(|errors| {
        conflicts(errors, &[&settings], &table.at, reader);
        ProducerConfig::default()
    });
    let personality = producer::Personality::java(&config);
    (config, personality, settings.overrides)
}

fn sarama_producer(table: &ProducerTable, sends: Sends, reader: &mut Reader<'_>) -> ProducerParts {
    let settings = table.config.of(Domain::SaramaProducer, reader);
    let config = SaramaProducerConfig::new(&settings.overrides).unwrap_or_else(|errors| {
        conflicts(errors, &[&settings], &table.at, reader);
        SaramaProducerConfig::default()
    });
    if let (Some(written), Sends::Sync, false) = (&table.sends, sends, config.return_successes) {
        let message = "Producer.Return.Successes must be true to be used in a SyncProducer";
        let hint = "config = { \"Producer.Return.Successes\" = true }";
        reader.error_with(&written.span, message, hint);
    }
    let personality = producer::Personality::sarama(&config);
    (config.in_kafkas_names(), personality, settings.overrides)
}

fn kq_producer(table: &ProducerTable, sends: Sends, reader: &mut Reader<'_>) -> ProducerParts {
    let settings = table.config.of(Domain::KqPusher, reader);
    let config = KqPusherConfig::new(&settings.overrides).unwrap_or_else(|errors| {
        conflicts(errors, &[&settings], &table.at, reader);
        KqPusherConfig::default()
    });
    if let [topic, _, ..] = table.topics.as_slice() {
        let hint = "write a producer for each topic";
        reader.error_with(&topic.span, "a pusher of kq has one topic", hint);
    }
    for name in ["WithChunkSize", "WithFlushInterval"] {
        if let (Sends::Sync, Some(at)) = (sends, settings.place(name)) {
            let message = format!("`{name}` has no use with WithSyncPush (sends = \"sync\")");
            reader.error_with(at, message, "sends = \"async\"");
        }
    }
    let mode = if sends == Sends::Sync { SendMode::Sync } else { SendMode::Async };
    let personality = producer::Personality::kq(&config, mode);
    (config.in_kafkas_names(), personality, settings.overrides)
}

/// The client library; what cannot be simulated is refused.
fn library(client: Option<&Spanned<Library>>, reader: &mut Reader<'_>) -> Library {
    let Some(client) = client else { return Library::Java };
    if client.value != Library::Librdkafka {
        return client.value;
    }
    let message = format!("the client `{}` cannot be simulated yet", client.value.word());
    reader.error_with(&client.span, message, "java, sarama and kq can");
    Library::Java
}

pub(super) fn groups(
    document: &Document,
    cluster: &Cluster,
    known: &dyn Fn(&str) -> bool,
    topics: &[Name],
    reader: &mut Reader<'_>,
) -> Vec<Group> {
    let mut groups = Vec::new();
    for (name, table) in document.groups.iter() {
        check_name(name, "a group", reader);
        groups.push(group(name, table, cluster, known, topics, reader));
    }
    groups
}

fn group(
    name: &Spanned<Name>,
    table: &GroupTable,
    cluster: &Cluster,
    known: &dyn Fn(&str) -> bool,
    topics: &[Name],
    reader: &mut Reader<'_>,
) -> Group {
    let subscribed = table.topics.as_ref().map_or(&[][..], |topics| topics);
    if subscribed.is_empty() && table.whole {
        let message = format!("what does `{}` read? `topics` is missing", name.value);
        reader.error(&table.at, message);
    }
    for topic in subscribed.iter().filter(|topic| !known(topic)) {
        unknown_topic(topic, topics, reader);
    }
    let client = library(table.client.as_ref(), reader);
    let settings = &table.config.of(consumer_domain(client), reader);
    if let Some(at) = settings.place("group.id") {
        reader.error(at, "a group's id is the name of its table");
    }
    let instance_id = instance_id_of(client);
    if let Some(at) = settings.place(instance_id)
        && consumers(table) > 1
    {
        let hint = "give each consumer its own: instance-ids = [\"a\", \"b\"]";
        reader.error_with(at, format!("two consumers cannot have one {instance_id}"), hint);
    }
    let commit = table.commit.as_ref().map_or(Commit::Auto, |commit| commit.value);
    handlers::check(table, client, commit, reader);
    if client == Library::Kq {
        handlers::check_queue(subscribed, settings, reader);
    }
    let mut overrides = settings.overrides.clone();
    if client == Library::Java {
        overrides.set(Domain::Consumer, "group.id", name).expect("any text is a group id");
    }
    let whose = Whose { client, group: &name.value };
    let (config, personality) =
        consumer_config(whose, &overrides, &[settings], &table.at, cluster, reader);
    let config = Arc::new(config);
    let overrides = Arc::new(overrides);
    let shared = Shared { whose, overrides: &overrides, config: &config, personality, settings };
    let members = members(table, shared, cluster, reader);
    Group {
        name: name.value.clone(),
        client,
        topics: subscribed.iter().map(|topic| topic.value.clone()).collect(),
        members,
        process: table.process.unwrap_or(Duration::ZERO),
        commit,
        marks: table.marks.as_ref().map_or(Marks::All, |marks| marks.value),
        fails: table.fails.as_ref().map_or(Marks::None, |fails| fails.value),
        slow: table.slow.as_ref().and_then(|slow| {
            Some(Slow { every: slow.every.as_ref()?.0 as u64, process: slow.process? })
        }),
        overrides,
        config,
        personality,
    }
}

/// Whose consumers they are.
#[derive(Clone, Copy)]
struct Whose<'a> {
    client: Library,
    group: &'a Name,
}

/// What the members of a group have in common.
#[derive(Clone, Copy)]
struct Shared<'a> {
    whose: Whose<'a>,
    overrides: &'a Arc<Overrides>,
    config: &'a Arc<ConsumerConfig>,
    personality: consumer::Personality,
    settings: &'a Settings,
}

fn consumer_domain(client: Library) -> Domain {
    match client {
        Library::Sarama => Domain::SaramaConsumer,
        Library::Kq => Domain::KqQueue,
        Library::Java | Library::Librdkafka => Domain::Consumer,
    }
}

/// What a library calls `group.instance.id`.
fn instance_id_of(client: Library) -> &'static str {
    match client {
        Library::Sarama => "Consumer.Group.InstanceId",
        Library::Java | Library::Kq | Library::Librdkafka => "group.instance.id",
    }
}

fn consumer_config(
    whose: Whose<'_>,
    overrides: &Overrides,
    settings: &[&Settings],
    at: &Span,
    cluster: &Cluster,
    reader: &mut Reader<'_>,
) -> (ConsumerConfig, consumer::Personality) {
    let made: Result<_, Vec<ConfigError>> = match whose.client {
        Library::Sarama => SaramaConsumerConfig::new(overrides).map(|config| {
            let personality = consumer::Personality::sarama(&config);
            (config.in_kafkas_names(whose.group), personality)
        }),
        Library::Kq => KqQueueConfig::new(overrides).map(|config| {
            let personality = consumer::Personality::kq(&config);
            (config.in_kafkas_names(whose.group), personality)
        }),
        Library::Java | Library::Librdkafka => {
            ConsumerConfig::new(overrides).map(|config| (config, consumer::Personality::JAVA))
        }
    };
    let (config, personality) = made.unwrap_or_else(|errors| {
        conflicts(errors, settings, at, reader);
        (ConsumerConfig::default(), consumer::Personality::JAVA)
    });
    let least = cluster.config.group_min_session_timeout;
    let most = cluster.config.group_max_session_timeout;
    if !(least..=most).contains(&config.session_timeout) {
        let key = match whose.client {
            Library::Sarama => "Consumer.Group.Session.Timeout",
            Library::Java | Library::Kq | Library::Librdkafka => "session.timeout.ms",
        };
        let place = settings.iter().find_map(|settings| settings.place(key));
        let message = format!(
            "no member can join: {key} is {}, and brokers take {least} to {most}",
            config.session_timeout
        );
        let hint = "group.min.session.timeout.ms and group.max.session.timeout.ms say so";
        let wrong = Diagnostic::warning(place.unwrap_or(at).clone(), message).hint(hint);
        reader.push(wrong);
    }
    (config, personality)
}

/// How many consumers a group begins with.
pub(super) fn consumers(table: &GroupTable) -> usize {
    match &table.consumers {
        Some(count) if table.members.is_empty() => count.value.0 as usize,
        None if table.members.is_empty() => 1.max(table.instance_ids.len()),
        _ => table.members.len(),
    }
}

fn members(
    table: &GroupTable,
    shared: Shared<'_>,
    cluster: &Cluster,
    reader: &mut Reader<'_>,
) -> Vec<Member> {
    let count = consumers(table);
    if let Some(written) = &table.consumers
        && written.value.0 != count as i64
    {
        let message = format!("{} consumers, and {count} members", written.value.0);
        reader.error(&written.span, message);
    }
    if let Some(extra) = table.instance_ids.get(count) {
        reader.error(&extra.span, format!("there are only {count} consumers"));
    }
    let (mut names, mut instances) = (BTreeSet::new(), BTreeSet::new());
    let mut members = Vec::new();
    for index in 0..count {
        let own = table.members.get(index).map(|member| &member.0);
        let written = own.and_then(|own| own.name.as_ref());
        let name = written.map_or_else(|| format!("c{}", index + 1).into(), |n| n.value.clone());
        if let Some(written) = written {
            check_name(written, "a consumer", reader);
        }
        if !names.insert(name.clone()) {
            let at = written.map_or(&table.at, |written| &written.span);
            reader.error(at, format!("two consumers are called `{name}`"));
        }
        let instance = own.and_then(|own| own.instance_id.as_ref());
        let instance = instance.or_else(|| table.instance_ids.get(index));
        let instance = match instance {
            Some(instance) if shared.whose.client == Library::Kq => {
                reader.error(&instance.span, "kafka-go has no static members");
                None
            }
            instance => instance,
        };
        if let Some(instance) = instance
            && !instances.insert(&instance.value)
        {
            let message = format!("two consumers have the group.instance.id `{}`", instance.value);
            reader.error(&instance.span, message);
        }
        let Shared { whose, overrides, config, personality, settings } = shared;
        let own_settings = own
            .map(|own| own.config.of(consumer_domain(whose.client), reader))
            .filter(|settings| !settings.overrides.is_empty());
        let (overrides, config, personality) = match (own_settings, instance) {
            (None, None) => (overrides.clone(), config.clone(), personality),
            (own_settings, instance) => {
                let own_settings = own_settings.unwrap_or_default();
                let mut mine = overrides.overlaid(&own_settings.overrides);
                if let Some(instance) = instance {
                    mine.set(consumer_domain(whose.client), instance_id_of(whose.client), instance)
                        .expect("the reader refuses empty texts");
                }
                let at = own.map_or(&table.at, |own| &own.at);
                let both = [&own_settings, settings];
                let (config, personality) =
                    consumer_config(whose, &mine, &both, at, cluster, reader);
                (Arc::new(mine), Arc::new(config), personality)
            }
        };
        members.push(Member {
            name,
            member_id: own.and_then(|own| own.member_id.clone()),
            start: own.and_then(|own| own.start).unwrap_or(Duration::ZERO),
            process: own.and_then(|own| own.process).or(table.process).unwrap_or(Duration::ZERO),
            overrides,
            config,
            personality,
        });
    }
    members
}
