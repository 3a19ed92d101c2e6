//! Producers, groups and their consumers.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{check_name, conflicts, unknown_topic};
use crate::config::{ConsumerConfig, Domain, Overrides, ProducerConfig};
use crate::ids::Name;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::{Document, GroupTable, MemberTable, ProducerTable};
use crate::scenario::limits;
use crate::scenario::model::{Cluster, Commit, Group, KeyChoice, Library, Member, Producer};
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
        library(table.client.as_ref(), reader);
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
    let settings = &table.config.0;
    let config = ProducerConfig::new(&settings.overrides).unwrap_or_else(|errors| {
        conflicts(errors, &[settings], &table.at, reader);
        ProducerConfig::default()
    });
    Producer {
        name: name.value.clone(),
        client: Library::Java,
        topics: named.into_iter().map(|topic| topic.value.clone()).collect(),
        rate: table.rate.as_ref().map(|rate| rate.value).filter(|rate| rate.count > 0),
        batch: table.batch.as_ref().map_or(1, |batch| batch.value.0 as u32),
        count: table.count.as_ref().map(|count| count.value.0 as u64),
        keys: table.keys.as_ref().map_or_else(Vec::new, |keys| keys.0.clone()),
        key_choice: table.key_choice.unwrap_or(KeyChoice::InTurn),
        value_size: table.value_size.as_ref().map_or(100, |size| size.value.0),
        start,
        stop: table.stop,
        overrides: settings.overrides.clone(),
        config,
    }
}

fn library(client: Option<&Spanned<Library>>, reader: &mut Reader<'_>) {
    if let Some(client) = client
        && client.value != Library::Java
    {
        let message = format!("the client `{}` cannot be simulated yet", client.value.word());
        reader.error_with(&client.span, message, "java can");
    }
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
        library(table.client.as_ref(), reader);
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
    let settings = &table.config.0;
    if let Some(at) = settings.place("group.id") {
        reader.error(at, "a group's id is the name of its table");
    }
    if let Some(at) = settings.place("group.instance.id") {
        let hint = "give each consumer its own: instance-ids = [\"a\", \"b\"]";
        reader.error_with(at, "two consumers cannot have one group.instance.id", hint);
    }
    let mut overrides = settings.overrides.clone();
    overrides.set(Domain::Consumer, "group.id", name).expect("any text is a group id");
    let config = consumer_config(&overrides, &[settings], &table.at, cluster, reader);
    let config = Arc::new(config);
    let overrides = Arc::new(overrides);
    let members = members(table, &overrides, &config, settings, cluster, reader);
    Group {
        name: name.value.clone(),
        client: Library::Java,
        topics: subscribed.iter().map(|topic| topic.value.clone()).collect(),
        members,
        process: table.process.unwrap_or(Duration::ZERO),
        commit: table.commit.unwrap_or(Commit::Auto),
        overrides,
        config,
    }
}

fn consumer_config(
    overrides: &Overrides,
    settings: &[&Settings],
    at: &Span,
    cluster: &Cluster,
    reader: &mut Reader<'_>,
) -> ConsumerConfig {
    let config = ConsumerConfig::new(overrides).unwrap_or_else(|errors| {
        conflicts(errors, settings, at, reader);
        ConsumerConfig::default()
    });
    let least = cluster.config.group_min_session_timeout;
    let most = cluster.config.group_max_session_timeout;
    if !(least..=most).contains(&config.session_timeout) {
        let place = settings.iter().find_map(|settings| settings.place("session.timeout.ms"));
        let message = format!(
            "no member can join: session.timeout.ms is {}, and brokers take {least} to {most}",
            config.session_timeout
        );
        let hint = "group.min.session.timeout.ms and group.max.session.timeout.ms say so";
        let wrong = Diagnostic::warning(place.unwrap_or(at).clone(), message).hint(hint);
        reader.push(wrong);
    }
    config
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
    overrides: &Arc<Overrides>,
    config: &Arc<ConsumerConfig>,
    settings: &Settings,
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
        if let Some(instance) = instance
            && !instances.insert(&instance.value)
        {
            let message = format!("two consumers have the group.instance.id `{}`", instance.value);
            reader.error(&instance.span, message);
        }
        let (overrides, config) = match (own.filter(|own| own.sets_something()), instance) {
            (None, None) => (overrides.clone(), config.clone()),
            (own, instance) => {
                let nothing = Settings::default();
                let settings_of_own = own.map_or(&nothing, |own| &own.config.0);
                let mut mine = overrides.overlaid(&settings_of_own.overrides);
                if let Some(instance) = instance {
                    mine.set(Domain::Consumer, "group.instance.id", instance)
                        .expect("the reader refuses empty texts");
                }
                let at = own.map_or(&table.at, |own| &own.at);
                let both = [settings_of_own, settings];
                let config = consumer_config(&mine, &both, at, cluster, reader);
                (Arc::new(mine), Arc::new(config))
            }
        };
        members.push(Member {
            name,
            member_id: own.and_then(|own| own.member_id.clone()),
            start: own.and_then(|own| own.start).unwrap_or(Duration::ZERO),
            process: own.and_then(|own| own.process).or(table.process).unwrap_or(Duration::ZERO),
            overrides,
            config,
        });
    }
    members
}

impl MemberTable {
    fn sets_something(&self) -> bool {
        !self.config.0.overrides.is_empty()
    }
}
