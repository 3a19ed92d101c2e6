//! From what the file says to what it means: names looked up, settings put together, limits kept.

mod clients;
mod cluster;
mod handlers;
mod runs;
mod steps;
mod topics;

use super::diagnostic::Diagnostic;
use super::document::{Document, RacksField};
use super::language::{Expectation as Parsed, Function, Kinds, Names};
use super::limits;
use super::model::{Costs, Goal, Lab, Network, Promise, RackDistance, Scenario, Text, Way};
use super::read::{Reader, Settings, Written};
use super::run_key::Labels;
use super::span::{Span, Spanned};
use crate::config::ConfigError;
use crate::feature::{Levels, Release};
use crate::ids::{Name, Timestamp};
use crate::sim::Duration;
use runs::Runs;

/// 2026-01-01T00:00:00Z.
const CLOCK: Timestamp = Timestamp(1_767_225_600_000);

/// Builds the scenario that a file describes; of several compared runs, number `run`. Whether it can
/// run is known when `reader` has no errors.
pub(super) fn scenario(
    document: &Document,
    labels: &Labels,
    run: usize,
    reader: &mut Reader<'_>,
) -> Option<Scenario> {
    if document.format.value.0 != 1 {
        let message = format!("this program reads format 1, not {}", document.format.value.0);
        reader.error(&document.format.span, message);
    }
    if !within_limits(document, reader) {
        return None;
    }
    let (release, levels) = levels(document, reader);
    let duration = duration(document, reader);
    let cluster = cluster::cluster(document, &levels, reader);
    let topics = topics::topics(document, &cluster, reader);
    let mut names = Names {
        brokers: cluster.brokers.iter().map(|broker| broker.id).collect(),
        controllers: if cluster.combined { 0 } else { cluster.controllers.len() as u32 },
        ..Names::default()
    };
    // Names stay names, even of tables that are not right.
    for (name, _) in &document.topics.0 {
        names.topics.entry(name.value.clone()).or_insert(cluster.config.num_partitions);
    }
    names.topics.extend(topics.iter().map(|topic| (topic.name.clone(), topic.partitions)));
    let later = steps::created_topics(document);
    let known = |name: &str| names.topics.contains_key(name) || later.contains(name);
    let mut known_topics: Vec<Name> = names.topics.keys().cloned().collect();
    known_topics.extend(later.iter().cloned());
    let producers = clients::producers(document, &known, &known_topics, duration, reader);
    let groups = clients::groups(document, &cluster, &known, &known_topics, reader);
    names.producers = document.producers.0.iter().map(|(name, _)| name.value.clone()).collect();
    for (name, _) in &document.groups.0 {
        names.groups.insert(name.value.clone(), Vec::new());
    }
    for group in &groups {
        let members = group.members.iter().map(|member| member.name.clone()).collect();
        names.groups.insert(group.name.clone(), members);
    }
    if !names.groups.is_empty() {
        let partitions = cluster.config.offsets_topic_num_partitions;
        names.topics.insert("__consumer_offsets".into(), partitions);
    }
    let runs = Runs::new(document, labels, run);
    let (steps, end) = steps::steps(document, &names, &runs, duration, reader);
    let mut expect = steps::expectations(&document.expect, &end, duration, reader);
    let of_run = of_run(document, run, reader);
    expect.extend(steps::expectations(of_run, &end, duration, reader));
    let goals = document.goals.iter().map(|goal| Goal {
        say: goal.say.clone(),
        expect: steps::expectations(&goal.expect, &end, duration, reader),
        hints: goal.hints.clone(),
    });
    let goals = goals.collect();
    let labs = document.labs.iter().map(|lab| Lab {
        say: lab.say.clone(),
        edit: lab.edit.clone(),
        hints: lab.hints.clone(),
    });
    let newest = levels.is_newest() && cluster.brokers.iter().all(|b| b.levels.is_newest());
    Some(Scenario {
        title: document.title.clone(),
        watch: document.watch.clone(),
        about: document.about.clone(),
        release,
        promise: document.promise.unwrap_or(if newest { Promise::Newest } else { Promise::Level }),
        levels,
        seed: document.seed.map_or(1, |seed| seed.0 as u64),
        duration,
        duration_is_default: document.duration.is_none(),
        clock: document.clock.map_or(CLOCK, |clock| clock.0),
        boot: document.boot.unwrap_or(Duration::from_secs(1)),
        network: network(document),
        costs: costs(document),
        cluster,
        topics,
        producers,
        groups,
        steps,
        expect,
        goals,
        labs: labs.collect(),
        names,
    })
}

/// Counts what would be made, before any of it is made.
fn within_limits(document: &Document, reader: &mut Reader<'_>) -> bool {
    let consumers = document.groups.iter().map(|(_, group)| clients::consumers(group) as u64);
    let clients = consumers.sum::<u64>() + document.producers.0.len() as u64;
    let many = [
        (clients, u64::from(limits::CLIENTS), "producers and consumers"),
        (document.topics.0.len() as u64, u64::from(limits::PARTITIONS), "topics"),
        (document.groups.0.len() as u64, u64::from(limits::CLIENTS), "groups"),
        (document.brokers.0.len() as u64, u64::from(limits::BROKERS), "tables [brokers.N]"),
        (document.steps.len() as u64, limits::STEPS as u64, "steps"),
    ];
    let mut within = true;
    for (count, most, what) in many {
        if count > most {
            let message = format!("{count} {what} are more than {most}");
            reader.push(Diagnostic::about_the_file(message));
            within = false;
        }
    }
    within
}

/// What is expected of one run of a comparison.
fn of_run<'d>(
    document: &'d Document,
    run: usize,
    reader: &mut Reader<'_>,
) -> &'d [Written<Parsed>] {
    let Some(compare) = &document.compare else { return &[] };
    if !compare.expect.is_empty() && compare.expect.len() != compare.values.len() {
        let message = format!(
            "{} values, and expectations for {}",
            compare.values.len(),
            compare.expect.len()
        );
        reader.error_with(&compare.at, message, "give each run a list, [] for nothing");
    }
    compare.expect.get(run).map_or(&[], |written| written)
}

fn duration(document: &Document, reader: &mut Reader<'_>) -> Duration {
    let Some(duration) = &document.duration else { return Duration::from_secs(60) };
    if duration.value.is_zero() {
        reader.error(&duration.span, "a run lasts some time");
    }
    if duration.value > Duration::from_secs(limits::SECONDS) {
        reader.error(&duration.span, "a run lasts ten years at most");
    }
    duration.value
}

fn levels(document: &Document, reader: &mut Reader<'_>) -> (Release, Levels) {
    let mut release = Release::NEWEST;
    if let Some(text) = &document.kafka {
        match Release::parse(text) {
            Ok(found) => release = found,
            Err(error) => reader.error_with(&text.span, error.to_string(), error.hint()),
        }
        if Levels::of(release).not_modelled().next().is_some() {
            let message = format!("Kafka {release} cannot be simulated yet");
            let hint = format!("Kafka {} can", Release::NEWEST);
            reader.error_with(&text.span, message, hint);
            release = Release::NEWEST;
        }
    }
    let mut levels = Levels::of(release);
    set_levels(&mut levels, &document.levels.0, reader);
    (release, levels)
}

fn set_levels(
    levels: &mut Levels,
    words: &[(Spanned<Name>, Spanned<Name>)],
    reader: &mut Reader<'_>,
) {
    for (name, word) in words {
        match levels.set(name, word) {
            Ok(value) if value.modelled => {}
            Ok(_) => {
                let message = format!("`{} = {}` cannot be simulated yet", name.value, word.value);
                reader.error(&word.span, message);
            }
            Err(error) => {
                let at = match error {
                    crate::feature::LevelError::Unknown { .. } => &name.span,
                    crate::feature::LevelError::UnknownValue { .. } => &word.span,
                };
                let hint = error.hint();
                let wrong = Diagnostic::error(at.clone(), error.to_string()).maybe_hint(hint);
                reader.push(wrong);
            }
        }
    }
}

fn network(document: &Document) -> Network {
    let mut network = Network::default();
    let Some(table) = &document.network else { return network };
    let near = &mut network.near;
    near.latency = table.latency.unwrap_or(near.latency);
    near.jitter = table.jitter.unwrap_or(near.jitter);
    near.bandwidth = table.bandwidth.map_or(near.bandwidth, |bandwidth| bandwidth.0);
    let near = *near;
    let apart = |latency, jitter| Way { latency, jitter, ..near };
    network.far = match &table.racks {
        None => near,
        Some(RacksField::Like(RackDistance::Zones)) => {
            apart(Duration::from_millis(1), Duration::from_micros(200))
        }
        Some(RacksField::Like(RackDistance::Regions)) => {
            apart(Duration::from_millis(30), Duration::from_millis(2))
        }
        Some(RacksField::Table(far)) => Way {
            latency: far.latency.unwrap_or(near.latency),
            jitter: far.jitter.unwrap_or(near.jitter),
            bandwidth: far.bandwidth.map_or(near.bandwidth, |bandwidth| bandwidth.0),
        },
    };
    network
}

fn costs(document: &Document) -> Costs {
    document.costs.as_ref().map_or(Costs::default(), |table| Costs {
        request: table.request,
        record: table.record,
        kibibyte: table.kibibyte,
        fsync: table.fsync,
        disk: table.disk.map(|disk| disk.0),
    })
}

/// Complains about settings that do not go together, where one of them was set.
fn conflicts(
    errors: Vec<ConfigError>,
    settings: &[&Settings],
    otherwise: &Span,
    reader: &mut Reader<'_>,
) {
    for error in errors {
        let names: &[&str] = match &error {
            ConfigError::Conflict { names, .. } => names,
            // What is wrong by itself was complained about when it was read.
            _ => continue,
        };
        let place = names.iter().find_map(|name| settings.iter().find_map(|s| s.place(name)));
        reader.error(place.unwrap_or(otherwise), error.to_string());
    }
}

/// Words that mean something wherever they stand.
const TAKEN: [&str; 14] = [
    "all", "none", "true", "false", "and", "or", "not", "then", "includes", "in", "at", "for",
    "within", "default",
];

/// Complains about names that commands could not use.
fn check_name(name: &Spanned<Name>, what: &str, reader: &mut Reader<'_>) {
    let text = &*name.value;
    let is_word = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if !is_word {
        reader.error_with(
            &name.span,
            format!("`{text}` is no name for {what} that commands could use"),
            "letters, digits, `.`, `_` and `-`, beginning with a letter, a digit or `_`",
        );
        return;
    }
    let numbered = ["broker-", "controller-"].iter().any(|prefix| text.starts_with(prefix));
    let means_something = TAKEN.contains(&text)
        || Function::find(text).is_some()
        || text.bytes().all(|byte| byte.is_ascii_digit())
        || text.parse::<Duration>().is_ok();
    if means_something || numbered && what != "a topic" {
        let message = format!("`{text}` means something else in commands");
        reader.error_with(&name.span, message, format!("choose another name for {what}"));
    }
}

/// Complains about a topic that nobody declares.
fn unknown_topic(topic: &Spanned<Name>, known: &[Name], reader: &mut Reader<'_>) {
    let near = crate::config::nearest(topic, known.iter().map(|name| &**name));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it as [topics.{}]", topic.value),
    };
    reader.error_with(&topic.span, format!("unknown topic `{}`", topic.value), hint);
}

/// A text in both languages from its halves.
fn bilingual(en: Option<&Name>, zh: Option<&Name>) -> Option<Text> {
    let either = en.or(zh)?;
    Some(Text { en: en.unwrap_or(either).clone(), zh: zh.unwrap_or(either).clone() })
}

/// Kinds of things that a step can give a name to.
const NAMEABLE: Kinds = Kinds::PROCESS;
