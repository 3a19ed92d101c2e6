//! Compares the project with what a real Kafka did.
//!
//! The recordings are in `tests/oracle/data`; `ORACLE_DIR` names another directory of the same form,
//! compressed or not. `kinds.toml` lists every kind of file, `known-gaps.toml` every difference that
//! is known. What was compared is counted at the end.

#![expect(unreachable_pub, reason = "some comparers are shared with other tests")]

mod cli;
mod client_assignors;
mod consumer_protocol;
mod encoding;
mod group_coordinator;
mod harness;
mod hex;
mod kraft;
mod partitioners;
mod record_batches;
mod replay;
mod replication;
mod schema_records;
mod sha256;
mod storage;
mod values;

use std::path::PathBuf;

use harness::Plan;
use harness::Vectors::{self, All, Each};
use harness::kinds::{Kinds, gaps};
use harness::source::Found;

/// The files of vectors that are compared.
const VECTORS: &[(&str, Vectors)] = &[
    (
        "client_assignors/cooperative_sticky.jsonl",
        Each(client_assignors::cooperative_sticky::compare),
    ),
    ("client_assignors/range.jsonl", Each(client_assignors::range::compare)),
    ("client_assignors/roundrobin.jsonl", Each(client_assignors::roundrobin::compare)),
    ("client_assignors/sticky.jsonl", Each(client_assignors::sticky::compare)),
    ("consumer_protocol/assignment.jsonl", Each(consumer_protocol::assignment::compare)),
    (
        "consumer_protocol/sticky_user_data.jsonl",
        Each(consumer_protocol::sticky_user_data::compare),
    ),
    ("consumer_protocol/subscription.jsonl", Each(consumer_protocol::subscription::compare)),
    ("group_coordinator/classic_group.jsonl", Each(group_coordinator::classic_group::compare)),
    (
        "partitioners/coordinator_partition.jsonl",
        Each(partitioners::coordinator_partition::compare),
    ),
    ("partitioners/java_default_keyed.jsonl", Each(partitioners::java_default_keyed::compare)),
    ("partitioners/java_round_robin.jsonl", Each(partitioners::java_round_robin::compare)),
    ("partitioners/java_sticky_adaptive.jsonl", Each(partitioners::java_sticky_adaptive::compare)),
    ("partitioners/kafka_go_keyed.jsonl", Each(partitioners::kafka_go_keyed::compare)),
    ("partitioners/kafka_go_sequences.jsonl", Each(partitioners::kafka_go_sequences::compare)),
    ("partitioners/kafkajs_keyed.jsonl", Each(partitioners::kafkajs_keyed::compare)),
    ("partitioners/kafkajs_unkeyed.jsonl", Each(partitioners::kafkajs_unkeyed::compare)),
    ("partitioners/librdkafka_keyed.jsonl", Each(partitioners::librdkafka_keyed::compare)),
    ("partitioners/sarama_keyed.jsonl", Each(partitioners::sarama_keyed::compare)),
    ("partitioners/sarama_sequences.jsonl", Each(partitioners::sarama_sequences::compare)),
    ("record_batches/control_batches.jsonl", Each(record_batches::control_batches::compare)),
    ("record_batches/corrupt.jsonl", Each(record_batches::corrupt::compare)),
    ("record_batches/magic2_compressed.jsonl", Each(record_batches::magic2::compare_compressed)),
    ("record_batches/magic2_uncompressed.jsonl", Each(record_batches::magic2::compare)),
    ("record_batches/varints.jsonl", Each(record_batches::varints::compare)),
    ("replication/controller_chains.jsonl", Each(replication::controller_chains::compare)),
    ("replication/java_util_random.jsonl", Each(replication::java_util_random::compare)),
    ("replication/leader_partition.jsonl", Each(replication::leader_partition::compare)),
    ("replication/partition_chains.jsonl", All(replication::partition_chains::compare_all)),
    (
        "replication/partition_change_builder.jsonl",
        Each(replication::partition_change_builder::compare),
    ),
    (
        "replication/partition_reassignment_replicas.jsonl",
        Each(replication::partition_reassignment_replicas::compare),
    ),
    (
        "replication/striped_replica_placer.jsonl",
        Each(replication::striped_replica_placer::compare),
    ),
    ("schema_records/group_coordinator.jsonl", Each(schema_records::group_coordinator::compare)),
    ("schema_records/kraft_metadata.jsonl", Each(schema_records::kraft_metadata::compare)),
    (
        "schema_records/quorum_state_and_kraft_control.jsonl",
        Each(schema_records::quorum_state_and_kraft_control::compare),
    ),
    ("schema_records/share_coordinator.jsonl", Each(schema_records::share_coordinator::compare)),
    ("schema_records/transaction_log.jsonl", Each(schema_records::transaction_log::compare)),
    ("storage/leader_epoch_cache.jsonl", Each(storage::leader_epoch_cache::compare)),
    ("storage/log_validator.jsonl", Each(storage::log_validator::compare)),
    ("storage/offset_index.jsonl", Each(storage::offset_index::compare)),
    ("storage/producer_snapshot_file.jsonl", Each(storage::producer_snapshot_file::compare)),
    ("storage/producer_state.jsonl", Each(storage::producer_state::compare)),
    ("storage/time_index.jsonl", Each(storage::time_index::compare)),
    ("storage/transaction_index.jsonl", Each(storage::transaction_index::compare)),
    ("storage/unified_log.jsonl", Each(storage::unified_log::compare)),
];

fn main() {
    let arguments = libtest_mimic::Arguments::from_args();
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/data"));
    let root = std::env::var_os("ORACLE_DIR").map_or_else(|| own.clone(), PathBuf::from);
    let plan = Plan {
        kinds: Kinds::read(include_str!("kinds.toml")),
        gaps: gaps::read(include_str!("known-gaps.toml")),
        vectors: VECTORS,
        recorded: [kraft::RECORDED, cli::RECORDED].concat(),
        whole: root == own,
    };
    harness::run(&arguments, plan, Found::below(&root)).exit();
}
