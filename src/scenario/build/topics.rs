//! The topics.

use std::collections::BTreeMap;

use super::{check_name, conflicts};
use crate::config::TopicConfig;
use crate::ids::{BrokerId, Name};
use crate::metadata::topic_name::is_kafkas_own;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::{Document, TopicTable};
use crate::scenario::limits;
use crate::scenario::model::{Cluster, Topic};
use crate::scenario::read::Reader;
use crate::scenario::span::Spanned;

pub(super) fn topics(
    document: &Document,
    cluster: &Cluster,
    reader: &mut Reader<'_>,
) -> Vec<Topic> {
    // Kafka names metrics by topics, with `.` and `_` the same.
    let mut folded: BTreeMap<String, &Name> = BTreeMap::new();
    for (name, _) in &document.topics.0 {
        check_topic_name(name, reader);
        if let Some(other) = folded.insert(name.replace('.', "_"), &name.value) {
            let message = format!("Topic '{}' collides with existing topic: {other}", name.value);
            reader.error(&name.span, message);
        }
    }
    let mut topics = Vec::new();
    let (mut partitions, mut replicas) = (0_u64, 0_u64);
    for (name, table) in document.topics.iter() {
        let Some(topic) = topic(name, table, cluster, reader) else { continue };
        partitions += u64::from(topic.partitions);
        replicas += u64::from(topic.partitions) * u64::from(topic.replication_factor);
        if partitions > u64::from(limits::PARTITIONS) || replicas > limits::REPLICAS {
            let message = format!(
                "more than {} partitions or {} replicas in all",
                limits::PARTITIONS,
                limits::REPLICAS
            );
            reader.error(&name.span, message);
            break;
        }
        topics.push(topic);
    }
    topics
}

fn check_topic_name(name: &Spanned<Name>, reader: &mut Reader<'_>) {
    check_name(name, "a topic", reader);
    if name.len() > 249 {
        reader.error(&name.span, "the name of a topic has 249 letters at most");
    }
    if is_kafkas_own(&name.value) {
        reader.error(&name.span, format!("`{}` is Kafka's own topic", name.value));
    }
}

fn topic(
    name: &Spanned<Name>,
    table: &TopicTable,
    cluster: &Cluster,
    reader: &mut Reader<'_>,
) -> Option<Topic> {
    let replicas = match &table.replicas {
        Some(_) => Some(pinned(table, cluster, reader)?),
        None => None,
    };
    let first = replicas.as_ref().and_then(|replicas| replicas.first());
    let partitions = table.partitions.as_ref().map(|count| count.value.0 as u32);
    let partitions = partitions
        .or(replicas.as_ref().map(|replicas| replicas.len() as u32))
        .unwrap_or(cluster.config.num_partitions);
    let factor = table.replication_factor.as_ref().map(|factor| factor.value.0 as u32);
    let replication_factor = factor
        .or(first.map(|replicas| replicas.len() as u32))
        .unwrap_or_else(|| u32::try_from(cluster.config.default_replication_factor).unwrap_or(1));
    if replication_factor as usize > cluster.brokers.len() {
        let at = table.replication_factor.as_ref().map_or(&name.span, |factor| &factor.span);
        let message =
            format!("{replication_factor} replicas cannot be on {} brokers", cluster.brokers.len());
        reader.error(at, message);
        return None;
    }
    let settings = &table.config.0;
    match TopicConfig::effective(&settings.overrides, &cluster.config) {
        Err(errors) => conflicts(errors, &[settings], &table.at, reader),
        Ok(config) if config.min_insync_replicas > replication_factor => {
            let at = settings.place("min.insync.replicas").unwrap_or(&name.span).clone();
            let message = format!(
                "min.insync.replicas is {}, and there are {replication_factor} replicas: acks=all \
                 is never taken",
                config.min_insync_replicas
            );
            reader.push(Diagnostic::warning(at, message));
        }
        Ok(_) => {}
    }
    Some(Topic {
        name: name.value.clone(),
        create: table.create.unwrap_or(true),
        partitions,
        replication_factor,
        replicas,
        topic_id: table.topic_id,
        overrides: settings.overrides.clone(),
    })
}

/// The replicas that the file pins.
fn pinned(
    table: &TopicTable,
    cluster: &Cluster,
    reader: &mut Reader<'_>,
) -> Option<Vec<Vec<BrokerId>>> {
    let written = table.replicas.as_ref()?;
    let mut right = true;
    let mut complain = |at: &crate::scenario::Span, message: String| {
        reader.error(at, message);
        right = false;
    };
    if let Some(count) = &table.partitions
        && count.value.0 != written.len() as i64
    {
        let message = format!("{} partitions, and replicas for {}", count.value.0, written.len());
        complain(&count.span, message);
    }
    if written.is_empty() {
        complain(&written.span, "no partition at all".to_owned());
    }
    let factor = table.replication_factor.as_ref().map(|factor| factor.value.0 as usize);
    let factor = factor.or(written.first().map(|first| first.len())).unwrap_or_default();
    for (index, replicas) in written.iter().enumerate() {
        if replicas.len() != factor || factor == 0 {
            let message =
                format!("partition {index} has {} replicas, not {factor}", replicas.len());
            complain(&replicas.span, message);
        }
        for (place, id) in replicas.iter().enumerate() {
            if id.value.0 > cluster.brokers.len() as i64 {
                let message = format!("unknown broker `{}`", id.value.0);
                complain(&id.span, message);
            }
            if replicas[..place].contains(id) {
                complain(&id.span, format!("broker {} is there twice", id.value.0));
            }
        }
    }
    let ids = |replicas: &[Spanned<
        crate::scenario::read::Int<1, { limits::BROKERS as i64 }>,
    >]| { replicas.iter().map(|id| BrokerId(id.value.0 as i32)).collect() };
    right.then(|| written.iter().map(|replicas| ids(replicas)).collect())
}
