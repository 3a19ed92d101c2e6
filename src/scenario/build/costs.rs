//! What work costs, as the file says it; what it does not say is the simulator's choice.

use crate::broker;
use crate::scenario::document::{CostsTable, Document};
use crate::scenario::model::{Costs, Places};
use crate::sim::Duration;
use crate::sim::disk::{DiskModel, MediumModel};

/// Through the memory of a process and back, per KiB: a copy out of the page cache and one into the
/// socket, a gigabyte in a quarter of a second each.
const COPY: Duration = Duration::from_nanos(500);

pub(super) fn costs(document: &Document) -> Costs {
    let Some(table) = &document.costs else { return Costs::default() };
    let compress = table.compress.unwrap_or_default();
    Costs { broker: broker(table), compress, disk: disk(table) }
}

fn broker(table: &CostsTable) -> broker::Costs {
    let costs = broker::Costs::default();
    broker::Costs {
        request: table.request.unwrap_or(costs.request),
        record: table.record.unwrap_or(costs.record),
        kibibyte: table.kibibyte.unwrap_or(costs.kibibyte),
        copy: (table.sendfile == Some(false)).then(|| table.copy.unwrap_or(COPY)),
        ..costs
    }
}

fn disk(table: &CostsTable) -> DiskModel {
    let model = DiskModel::default();
    let is_modelled = table.seek.is_some()
        || table.places.is_some()
        || table.page_cache.is_some()
        || table.behind.is_some();
    let medium = MediumModel::default();
    let medium = MediumModel {
        seek: table.seek.unwrap_or(medium.seek),
        random: table.places == Some(Places::Random),
        cached: table.page_cache.unwrap_or(medium.cached),
        behind: table.behind.unwrap_or(medium.behind),
    };
    DiskModel {
        fsync: table.fsync.unwrap_or(model.fsync),
        medium_ps_per_byte: table
            .disk
            .map_or(model.medium_ps_per_byte, |bandwidth| 1_000_000_000_000 / bandwidth.0),
        medium: is_modelled.then_some(medium),
        ..model
    }
}
