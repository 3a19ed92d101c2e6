//! The servers.

use std::collections::BTreeMap;

use super::{conflicts, set_levels};
use crate::config::{BrokerConfig, Domain, Overrides};
use crate::feature::Levels;
use crate::ids::{BrokerId, Name};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::{BrokerTable, Document};
use crate::scenario::model::{Broker, Cluster, MetadataStore};
use crate::scenario::read::{Reader, Settings};
use crate::scenario::span::Span;

/// The id of the first controller that is no broker, unless brokers reach that far.
const FIRST_CONTROLLER: i32 = 101;

pub(super) fn cluster(document: &Document, levels: &Levels, reader: &mut Reader<'_>) -> Cluster {
    let nothing = Settings::default();
    let table = document.cluster.as_ref();
    let at = table.map_or(0..0, |table| table.at.clone());
    let settings = table.map_or(&nothing, |table| &table.config.0);
    let count = table.and_then(|table| table.brokers.as_ref()).map_or(3, |count| count.value.0);
    let count = i32::try_from(count).expect("brokers are limited");
    let combined = table.and_then(|table| table.combined.as_ref()).is_some_and(|on| on.value);
    let metadata = metadata(document, reader);
    let controllers = controllers(document, count, combined, reader);
    let config = config(&settings.overrides, &[settings], &at, reader);
    check_numbers(document, count, reader);
    let racks = table.map_or(&[][..], |table| table.racks.as_slice());
    let particular: BTreeMap<i32, &BrokerTable> =
        document.brokers.iter().filter_map(|(id, own)| Some((id.parse().ok()?, own))).collect();
    let mut brokers = Vec::new();
    for id in 1..=count {
        let own = particular.get(&id).copied();
        let rack = racks.get((id as usize - 1) % racks.len().max(1));
        brokers.push(broker(BrokerId(id), own, settings, &config, rack, levels, reader));
    }
    let cluster = Cluster {
        brokers,
        controllers,
        combined,
        metadata,
        overrides: settings.overrides.clone(),
        config,
    };
    check_offsets_topic(document, &cluster, reader);
    cluster
}

fn metadata(document: &Document, reader: &mut Reader<'_>) -> MetadataStore {
    match document.cluster.as_ref().and_then(|table| table.metadata.as_ref()) {
        Some(store) if store.value == MetadataStore::Zookeeper => {
            let message = "a cluster with ZooKeeper cannot be simulated yet";
            reader.error_with(&store.span, message, "kraft can");
            MetadataStore::Kraft
        }
        _ => MetadataStore::Kraft,
    }
}

fn controllers(
    document: &Document,
    brokers: i32,
    combined: bool,
    reader: &mut Reader<'_>,
) -> Vec<BrokerId> {
    let written = document.cluster.as_ref().and_then(|table| table.controllers.as_ref());
    let count = written.map_or(1, |count| count.value.0 as i32);
    let at = written.map_or(0..0, |count| count.span.clone());
    if count % 2 == 0 {
        reader.error(&at, format!("{count} controllers: an even number gains nothing; 1, 3 or 5"));
    } else if count > 1 {
        let message = format!("{count} controllers cannot be simulated yet; one can");
        reader.error(&at, message);
    }
    if combined && count > brokers {
        reader.error(&at, format!("{count} controllers cannot be among {brokers} brokers"));
    }
    let first = if combined { 1 } else { FIRST_CONTROLLER.max(brokers + 1) };
    (first..first + count).map(BrokerId).collect()
}

fn config(
    overrides: &Overrides,
    settings: &[&Settings],
    at: &Span,
    reader: &mut Reader<'_>,
) -> BrokerConfig {
    BrokerConfig::new(overrides).unwrap_or_else(|errors| {
        conflicts(errors, settings, at, reader);
        // It will not run; other mistakes are told as well.
        BrokerConfig::default()
    })
}

fn broker(
    id: BrokerId,
    own: Option<&BrokerTable>,
    cluster: &Settings,
    config_of_all: &BrokerConfig,
    rack: Option<&Name>,
    levels: &Levels,
    reader: &mut Reader<'_>,
) -> Broker {
    let mut levels = levels.clone();
    let mut overrides = cluster.overrides.clone();
    let mut config = config_of_all.clone();
    let mut rack = rack.cloned().or_else(|| overrides.get("broker.rack").cloned());
    if let Some(own) = own {
        set_levels(&mut levels, &own.levels.0, reader);
        overrides = overrides.overlaid(&own.config.0.overrides);
        rack = own
            .rack
            .clone()
            .or_else(|| own.config.0.overrides.get("broker.rack").cloned())
            .or(rack);
        config = self::config(&overrides, &[&own.config.0, cluster], &own.at, reader);
    }
    if let Some(rack) = &rack {
        overrides.set(Domain::Broker, "broker.rack", rack).expect("any text is a rack");
        config.broker_rack = Some(rack.clone());
    }
    Broker { id, rack, overrides, config, levels }
}

/// Complains about [brokers.N] that do not exist.
fn check_numbers(document: &Document, count: i32, reader: &mut Reader<'_>) {
    for (name, _) in &document.brokers.0 {
        let fits = name.parse::<i32>().is_ok_and(|id| (1..=count).contains(&id));
        if !fits {
            let message = format!("unknown broker `{}`", name.value);
            reader.error_with(&name.span, message, format!("there are 1 to {count}"));
        }
    }
}

/// Says so if groups will not work because `__consumer_offsets` cannot be created.
fn check_offsets_topic(document: &Document, cluster: &Cluster, reader: &mut Reader<'_>) {
    let wanted = cluster.config.offsets_topic_replication_factor as usize;
    let there = cluster.brokers.len();
    if document.groups.0.is_empty() || wanted <= there {
        return;
    }
    let at = document.cluster.as_ref().and_then(|table| table.brokers.as_ref());
    let at = at.map_or(0..0, |count| count.span.clone());
    let message = format!(
        "no group can work: `__consumer_offsets` needs {wanted} replicas, and there are {there} \
         brokers"
    );
    let hint = format!("config = {{ \"offsets.topic.replication.factor\" = {there} }}");
    reader.push(Diagnostic::warning(at, message).hint(hint));
}
