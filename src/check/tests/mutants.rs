//! The simulator broken on purpose: the invariants notice.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::lab::Plan;
use super::sweep::{Faults, storm};
use crate::check::Id;
use crate::feature::Mutant;

/// Runs with faults at random break each of `ids`, sooner or later, if the simulator is broken so.
fn breaks(mutant: Mutant, plan: &Plan, faults: Faults, ids: &[Id]) {
    for id in ids {
        let broken = (0..60).any(|seed| {
            let plan = Plan { seed, ..plan.clone() }.mutant(mutant);
            // A node may notice by itself, and stop everything.
            let lab = catch_unwind(AssertUnwindSafe(|| storm(plan, faults, Some(*id))));
            lab.is_ok_and(|lab| lab.broken().contains(id))
        });
        assert!(broken, "{mutant:?} does not break {id}");
    }
}

fn two_in_sync() -> Plan {
    Plan::default().with("min.insync.replicas", "2")
}

const CALM: Faults = Faults { power: false, wipe: false };
const POWER: Faults = Faults { power: true, wipe: false };
const WIPE: Faults = Faults { power: true, wipe: true };

#[test]
fn a_high_watermark_that_waits_for_nobody() {
    let ids = [Id::R9, Id::R7, Id::R6, Id::R11];
    breaks(Mutant::HighWatermarkIgnoresFollowers, &two_in_sync(), CALM, &ids);
}

#[test]
fn a_high_watermark_that_rises_in_an_isr_too_small() {
    breaks(Mutant::HighWatermarkIgnoresIsr, &two_in_sync(), CALM, &[Id::R9]);
}

#[test]
fn an_answer_that_comes_too_soon() {
    breaks(Mutant::AckBeforeCommit, &two_in_sync(), CALM, &[Id::R10]);
}

#[test]
fn a_follower_that_takes_all_it_has_for_committed() {
    breaks(Mutant::FollowerHighWatermarkAtLogEnd, &two_in_sync(), CALM, &[Id::R17]);
}

#[test]
fn a_leader_that_does_not_look_where_logs_part() {
    breaks(Mutant::DivergenceIgnored, &Plan::default(), POWER, &[Id::R2]);
}

#[test]
fn a_follower_that_joins_wherever_it_is() {
    breaks(Mutant::IsrJoinWhereverItIs, &two_in_sync(), WIPE, &[Id::R16]);
}

#[test]
fn consumers_that_read_what_is_not_committed() {
    breaks(Mutant::ConsumersReadUncommitted, &two_in_sync(), CALM, &[Id::R13]);
}

#[test]
fn a_leader_that_does_not_note_its_epoch() {
    breaks(Mutant::EpochNotAssigned, &Plan::default(), CALM, &[Id::L3]);
}

#[test]
fn a_truncation_that_keeps_epochs() {
    breaks(Mutant::TruncationKeepsEpochs, &Plan::default(), POWER, &[Id::L8]);
}

#[test]
fn a_fenced_broker_that_stays_in_the_isr() {
    breaks(Mutant::FencedBrokerStaysInIsr, &two_in_sync(), CALM, &[Id::C3]);
}

#[test]
fn a_controller_that_elects_nobody() {
    breaks(Mutant::NobodyTakesOver, &two_in_sync(), CALM, &[Id::C12]);
}

#[test]
fn a_controller_that_forgets_eligible_leaders() {
    breaks(Mutant::ElrForgotten, &two_in_sync(), CALM, &[Id::C2]);
}

#[test]
fn a_controller_that_believes_every_shutdown_was_clean() {
    breaks(Mutant::ShutdownAlwaysClean, &two_in_sync(), WIPE, &[Id::R15]);
}

#[test]
fn a_leader_that_acknowledges_what_it_did_not_append() {
    breaks(Mutant::AckWithoutAppend, &two_in_sync(), CALM, &[Id::P2]);
}

#[test]
fn a_leader_that_takes_a_batch_twice() {
    breaks(Mutant::DuplicatesAppended, &two_in_sync(), CALM, &[Id::T12]);
}

#[test]
fn a_generation_that_is_used_again() {
    breaks(Mutant::GenerationReused, &two_in_sync(), CALM, &[Id::G4]);
}

#[test]
fn an_assignor_that_gives_a_partition_to_two() {
    breaks(Mutant::AssignorGivesTwice, &two_in_sync(), CALM, &[Id::G1, Id::G3]);
}

#[test]
fn a_coordinator_that_takes_commits_from_anybody() {
    breaks(Mutant::CommitsUnfenced, &two_in_sync(), CALM, &[Id::O2, Id::O3]);
}

#[test]
fn a_coordinator_that_keeps_another_offset() {
    breaks(Mutant::CommitStoredWrong, &two_in_sync(), CALM, &[Id::O1]);
}

#[test]
fn a_consumer_that_commits_what_is_not_there() {
    breaks(Mutant::CommitsTooFar, &two_in_sync(), CALM, &[Id::O5]);
}

#[test]
fn a_consumer_that_drops_records() {
    breaks(Mutant::RecordsDropped, &two_in_sync(), CALM, &[Id::P4, Id::P5]);
}

#[test]
fn a_consumer_that_goes_elsewhere_than_its_group_has_committed() {
    breaks(Mutant::CommittedOffsetsIgnored, &two_in_sync(), CALM, &[Id::O6]);
}

#[test]
fn a_client_that_keeps_to_the_first_leader() {
    breaks(Mutant::LeadersNeverLearned, &two_in_sync(), CALM, &[Id::P6]);
}

#[test]
fn an_assignor_that_forgets_a_partition() {
    breaks(Mutant::AssignorForgetsOne, &two_in_sync(), CALM, &[Id::G2]);
}

#[test]
fn an_assignor_with_a_favourite() {
    let plan = Plan { topics: vec![("kq", 5, 3)], ..two_in_sync() };
    breaks(Mutant::AssignorHasAFavourite, &plan, CALM, &[Id::G7]);
}

#[test]
fn a_sticky_assignor_that_moves_everything() {
    for assignor in ["sticky", "cooperative-sticky"] {
        let plan = Plan { topics: vec![("kq", 5, 3)], ..two_in_sync() }.assignor(assignor);
        breaks(Mutant::AssignorShuffles, &plan, CALM, &[Id::G7]);
    }
}

#[test]
fn a_member_that_does_not_take_its_part() {
    breaks(Mutant::PartNotTaken, &two_in_sync(), CALM, &[Id::G6]);
}

#[test]
fn a_coordinator_that_forgets_a_member() {
    breaks(Mutant::MemberForgotten, &two_in_sync(), CALM, &[Id::G8]);
}

#[test]
fn a_coordinator_that_does_not_wait_for_its_writes() {
    breaks(Mutant::WritesNotAwaited, &two_in_sync(), CALM, &[Id::G9]);
}

#[test]
fn a_coordinator_that_does_not_let_a_group_rest() {
    breaks(Mutant::StableGroupsRebalance, &two_in_sync(), CALM, &[Id::G10]);
}

#[test]
fn a_coordinator_that_has_no_patience() {
    breaks(Mutant::SessionsTooShort, &two_in_sync(), CALM, &[Id::G11]);
}

#[test]
fn a_coordinator_that_lets_offsets_expire_that_are_used() {
    breaks(Mutant::OffsetsExpireInUse, &two_in_sync(), CALM, &[Id::O4]);
}
