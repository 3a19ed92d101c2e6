//! Recordings of whole clusters. Which comparer fits a case, the shape of its files says.

mod checkpoint_files;
mod consumer_offsets;
mod decisions;
mod dumps;
mod metadata;
mod producer_batches;
mod storage;

use std::collections::BTreeSet;

use crate::harness::Recorded;
use crate::harness::source::{Files, lines};
use crate::replay;

/// What is compared of a recorded cluster.
pub(crate) const RECORDED: &[Recorded] = &[
    Recorded {
        what: "records of the metadata log",
        fits: has_metadata,
        needs: nothing,
        compare: |files| {
            let trace = if has_trace(files) { lines(files, "trace.jsonl") } else { Vec::new() };
            metadata::compare(&lines(files, "metadata.jsonl"), &trace).into()
        },
    },
    Recorded {
        what: "decisions about brokers",
        fits: has_metadata,
        needs: nothing,
        compare: |files| decisions::compare(&lines(files, "metadata.jsonl")).into(),
    },
    Recorded {
        what: "the log of groups",
        fits: consumer_offsets::fits,
        needs: nothing,
        compare: consumer_offsets::compare,
    },
    Recorded {
        what: "batches of producers",
        fits: producer_batches::fits,
        needs: producer_batches::needs,
        compare: producer_batches::compare,
    },
    Recorded {
        what: "played again",
        fits: replay::fits,
        needs: replay::needs,
        compare: replay::compare,
    },
    Recorded {
        what: "groups played again",
        fits: replay::has_groups,
        needs: replay::needs,
        compare: replay::compare,
    },
    Recorded {
        what: "groups of the consumer protocol played again",
        fits: replay::has_newer_groups,
        needs: replay::newer_needs,
        compare: replay::compare,
    },
    Recorded {
        what: "order of checkpoint files",
        fits: checkpoint_files::fits,
        needs: nothing,
        compare: |files| checkpoint_files::compare(files).into(),
    },
    Recorded {
        what: "files of logs",
        fits: storage::fits,
        needs: nothing,
        compare: |files| storage::compare(files).into(),
    },
    Recorded {
        what: "what kafka-dump-log prints",
        fits: dumps::fits,
        needs: nothing,
        compare: |files| dumps::compare(files).into(),
    },
];

fn has_metadata(files: &Files) -> bool {
    files.contains_key("metadata.jsonl")
}

fn has_trace(files: &Files) -> bool {
    files.contains_key("trace.jsonl")
}

fn nothing(_: &Files) -> BTreeSet<String> {
    BTreeSet::new()
}
