//! How a run came out, as plain data: what `kafkascope run` prints and tests look at.

use std::collections::BTreeMap;

use serde::Serialize;

use super::runner::{Failure, Outcome, Refused, Runner, Spoken, Stop, Verdict};
use crate::check::{Checker, Id, Losses, Violation};
use crate::explain::Lang;
use crate::sim::Instant;

/// How a run came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What chance began with.
    pub seed: u64,
    /// When the run ended.
    pub ended_at: Instant,
    /// Why it ended before its time, if it did.
    pub stopped: Option<Stop>,
    /// How many events happened, idle polls not counted.
    pub events: u64,
    /// The expectations with their verdicts.
    pub outcomes: Vec<Outcome>,
    /// Invariants that were broken, and the scenario does not say so.
    pub violations: Vec<Violation>,
    /// How often each invariant was judged on state that could have broken it; empty for a run that
    /// nobody judges.
    pub judged: BTreeMap<Id, u64>,
    /// Steps of the scenario that could not be carried out.
    pub refused: Vec<Refused>,
    /// What the scenario said, asked and answered, in order.
    pub spoken: Vec<Spoken>,
    /// What is compared with other runs of the file, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// What was counted.
    pub summary: Summary,
    /// What was lost, and why.
    pub losses: Losses,
    /// 128 bits over everything that was told, in hexadecimal; none if it was not asked for.
    pub trace_hash: Option<String>,
}

/// What was counted over a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records that applications handed to their producers.
    pub sent: u64,
    /// Those of them that were acknowledged.
    pub acked: u64,
    /// Those of them that failed for good, and their applications know.
    pub failed: u64,
    /// Records that neither failed nor can be read any more.
    pub lost: u64,
    /// Those of them that had been acknowledged.
    pub acked_lost: u64,
    /// Records that a group processed again.
    pub duplicated: u64,
    /// Rebalances that groups began.
    pub rebalances: u64,
    /// Leaders elected after a topic's creation, those of internal topics aside.
    pub elections: u64,
    /// Leaders elected after the creation of an internal topic (`__consumer_offsets`).
    pub internal_elections: u64,
    /// Those of all of them that were unclean.
    pub unclean_elections: u64,
}

impl Report {
    /// How `runner` has come out so far.
    pub fn of(runner: &Runner) -> Self {
        Self {
            seed: runner.scenario().seed,
            ended_at: runner.now(),
            stopped: runner.stopped(),
            events: runner.number(),
            outcomes: runner.outcomes(),
            violations: runner.unexpected().cloned().collect(),
            judged: runner.checker().into_iter().flat_map(|it| it.counters().iter()).collect(),
            refused: runner.refused_steps(),
            spoken: runner.spoken().to_vec(),
            measured: runner.measured().map(ToString::to_string),
            summary: runner.summary(),
            losses: runner.checker().map(Checker::losses).unwrap_or_default(),
            trace_hash: runner.trace_hash().map(|hash| format!("{hash:032x}")),
        }
    }

    /// True if everything held that was expected, and everything could be done that was asked for.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
            && self.refused.is_empty()
            && self.violations.is_empty()
            && self.stopped != Some(Stop::TooManyEvents)
    }

    /// The expectations that failed, and why.
    pub fn failures(&self) -> impl Iterator<Item = (&Outcome, Failure)> {
        self.outcomes.iter().filter_map(|outcome| match outcome.verdict {
            Verdict::Failed(failure) => Some((outcome, failure)),
            Verdict::Held | Verdict::NotJudged => None,
        })
    }

    /// How many expectations held.
    pub fn held(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Held).count()
    }
}

/// One number of two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    names: [&'static str; 2],
    /// On the left.
    pub left: u64,
    /// On the right.
    pub right: u64,
}

impl Beside {
    /// What it counts.
    pub fn name(&self, lang: Lang) -> &'static str {
        lang.pick(self.names[0], self.names[1])
    }
}

impl Summary {
    /// The numbers of two runs, beside each other.
    pub fn beside(&self, other: &Self) -> Vec<Beside> {
        type Count = fn(&Summary) -> u64;
        let rows: [([&'static str; 2], Count); 10] = [
            (["sent", "发送"], |it| it.sent),
            (["acked", "确认"], |it| it.acked),
            (["failed", "失败"], |it| it.failed),
            (["lost", "丢失"], |it| it.lost),
            (["acked and lost", "已确认却丢失"], |it| it.acked_lost),
            (["duplicated", "重复"], |it| it.duplicated),
            (["rebalances", "重平衡"], |it| it.rebalances),
            (["elections", "选举"], |it| it.elections),
            (["elections, internal topics", "内部主题选举"], |it| it.internal_elections),
            (["unclean elections", "unclean 选举"], |it| it.unclean_elections),
        ];
        rows.map(|(names, of)| Beside { names, left: of(self), right: of(other) }).to_vec()
    }
}

/// Several runs have one hash: that of their hashes.
pub fn joint_hash<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Option<String> {
    use siphasher::sip128::{Hasher128, SipHasher13};
    use std::hash::Hasher;
    let mut reports = reports.into_iter();
    let first = reports.next()?.trace_hash.clone()?;
    let mut hasher = SipHasher13::new();
    hasher.write(first.as_bytes());
    let mut several = false;
    for report in reports {
        several = true;
        hasher.write(report.trace_hash.as_ref()?.as_bytes());
    }
    Some(if several { format!("{:032x}", hasher.finish128().as_u128()) } else { first })
}
