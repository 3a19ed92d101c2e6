//! The simulator broken on purpose: the invariants notice.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::lab::{Lab, Plan};
use super::sweep::{Faults, storm};
use crate::check::Id;
use crate::cluster::Act;
use crate::feature::Mutant;
use crate::sim::Duration;

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

const CALM: Faults = Faults { power: false, wipe: false, moves: false, commands: false };
const POWER: Faults = Faults { power: true, ..CALM };
const WIPE: Faults = Faults { wipe: true, ..POWER };

#[test]
fn a_high_watermark_that_waits_for_nobody() {
    let ids = [Id::R9, Id::R7, Id::R6, Id::R10, Id::R11, Id::R14];
    breaks(Mutant::HighWatermarkIgnoresFollowers, &two_in_sync(), CALM, &ids);
    breaks(Mutant::HighWatermarkIgnoresFollowers, &two_in_sync(), WIPE, &[Id::R12]);
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
    breaks(Mutant::DivergenceIgnored, &Plan::default(), POWER, &[Id::R1, Id::R2]);
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

// ---- the log of a replica ----

#[test]
fn a_leader_that_leaves_out_offsets() {
    breaks(Mutant::OffsetsSkipped, &two_in_sync(), CALM, &[Id::L1]);
}

#[test]
fn a_leader_that_goes_back_to_older_epochs() {
    breaks(Mutant::EpochsMixed, &two_in_sync(), CALM, &[Id::L2]);
}

#[test]
fn a_truncation_that_keeps_the_high_watermark() {
    let plan = Plan::default().with("unclean.leader.election.enable", "true");
    breaks(Mutant::TruncationKeepsHighWatermark, &plan, WIPE, &[Id::L4, Id::L8]);
}

#[test]
fn bytes_that_are_not_what_was_written() {
    breaks(Mutant::BytesDamaged, &two_in_sync(), CALM, &[Id::L5]);
}

#[test]
fn an_index_that_points_astray() {
    breaks(Mutant::IndexPointsAstray, &two_in_sync(), CALM, &[Id::L6]);
}

#[test]
fn segments_that_are_rolled_for_nothing() {
    breaks(Mutant::SegmentsRolledAlways, &two_in_sync(), CALM, &[Id::L7]);
}

// ---- who leads, and who follows ----

#[test]
fn a_high_watermark_that_sinks() {
    breaks(Mutant::HighWatermarkSinks, &two_in_sync(), CALM, &[Id::R5]);
}

#[test]
fn a_leader_that_goes_on_leading() {
    breaks(Mutant::OldLeaderStays, &two_in_sync(), CALM, &[Id::R3]);
}

#[test]
fn a_leader_in_the_epoch_before_its_own() {
    breaks(Mutant::EpochBehind, &two_in_sync(), CALM, &[Id::R4, Id::C6]);
}

#[test]
fn a_leader_that_shrinks_the_isr_before_it_asks() {
    let plan = two_in_sync().with("replica.lag.time.max.ms", "2000");
    breaks(Mutant::IsrShrunkUnasked, &plan, CALM, &[Id::R8]);
}

#[test]
fn a_follower_that_cuts_at_its_high_watermark() {
    breaks(Mutant::FollowerTruncatesToHighWatermark, &two_in_sync(), CALM, &[Id::R18]);
}

#[test]
fn a_latest_offset_that_goes_back() {
    breaks(Mutant::LatestOffsetSinks, &two_in_sync(), CALM, &[Id::R19]);
}

#[test]
fn an_isr_that_never_grows_again() {
    breaks(Mutant::IsrNeverGrows, &two_in_sync(), CALM, &[Id::R20]);
}

// ---- the controller ----

#[test]
fn a_controller_that_works_in_an_epoch_of_the_past() {
    let mut lab = Lab::new(two_in_sync().mutant(Mutant::ControllerEpochReused));
    let controller = lab.node("controller-1");
    lab.act(Act::Kill(controller));
    lab.act(Act::Start(controller));
    lab.run(Duration::from_secs(5));
    assert!(lab.broken().contains(&Id::C1), "{:?}", lab.broken());
}

#[test]
fn a_broker_epoch_that_sinks() {
    breaks(Mutant::BrokerEpochSinks, &two_in_sync(), CALM, &[Id::C4]);
}

#[test]
fn a_controller_that_takes_any_change_of_an_isr() {
    breaks(Mutant::IsrChangeUnchecked, &two_in_sync(), CALM, &[Id::C5]);
}

#[test]
fn a_broker_that_forgets_who_is_fenced() {
    breaks(Mutant::BrokerForgetsFencing, &two_in_sync(), CALM, &[Id::C7]);
}

#[test]
fn a_broker_that_is_ahead_of_the_metadata() {
    breaks(Mutant::MetadataAppliedTooFar, &two_in_sync(), CALM, &[Id::C8]);
}

#[test]
fn an_unclean_election_that_is_called_clean() {
    breaks(Mutant::UncleanElectionHidden, &two_in_sync(), WIPE, &[Id::C9]);
}

#[test]
fn a_partition_that_nobody_takes_over() {
    breaks(Mutant::NobodyComesBack, &Plan::default(), CALM, &[Id::C10]);
}

#[test]
fn a_broker_that_stays_fenced() {
    breaks(Mutant::FencedForGood, &two_in_sync(), CALM, &[Id::C11]);
}

#[test]
fn a_move_that_waits_for_nobody() {
    let plan = Plan::default().topic("two", 1, 2);
    for is_broken in [false, true] {
        let plan = Plan { mutant: is_broken.then_some(Mutant::MovedAtOnce), ..plan.clone() };
        let mut lab = Lab::new(plan);
        lab.producer("web", "two", 20, &[]);
        for target in [[1, 2], [2, 3], [3, 1]] {
            lab.run(Duration::from_secs(5));
            lab.reassign("two", 0, &target);
        }
        lab.run(Duration::from_secs(5));
        assert_eq!(lab.broken().contains(&Id::C13), is_broken, "{:?}", lab.found.first());
        assert!(lab.checker.counters().of(Id::C13) > 1);
    }
}

#[test]
fn replicas_that_share_a_rack() {
    let plan = Plan { brokers: 4, racks: vec!["a", "a", "b", "b"], ..Plan::default() };
    let plan = plan.topic("two", 8, 2);
    for is_broken in [false, true] {
        let plan = Plan { mutant: is_broken.then_some(Mutant::RacksIgnored), ..plan.clone() };
        let lab = Lab::new(plan);
        assert_eq!(lab.broken().contains(&Id::C14), is_broken, "{:?}", lab.found.first());
    }
}

// ---- clients ----

#[test]
fn an_outcome_that_is_told_twice() {
    breaks(Mutant::OutcomeToldTwice, &two_in_sync(), CALM, &[Id::P1]);
}

#[test]
fn an_outcome_that_is_never_told() {
    breaks(Mutant::OutcomeForgotten, &two_in_sync(), CALM, &[Id::R21]);
}

#[test]
fn a_producer_that_sends_the_newest_first() {
    for is_broken in [false, true] {
        let mutant = is_broken.then_some(Mutant::NewestBatchFirst);
        let mut lab = Lab::new(Plan { mutant, ..Plan::default() });
        lab.producer("web", "kq", 100, &[("batch.size", "100")]);
        lab.run(Duration::from_secs(2));
        for broker in 1..=3 {
            let broker = lab.broker(broker);
            lab.act(Act::Pause(broker));
            lab.run(Duration::from_secs(2));
            lab.act(Act::Resume(broker));
        }
        lab.run(Duration::from_secs(5));
        assert_eq!(lab.broken().contains(&Id::P3), is_broken, "{:?}", lab.found.first());
    }
}

#[test]
fn a_consumer_that_leaves_out_records() {
    breaks(Mutant::ConsumerSkips, &two_in_sync(), CALM, &[Id::P4]);
}

// ---- groups ----

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
