//! What members see while writes are on their way, fail, or take too long.

use kafkascope::fact::{Fact, LeaveReason};
use kafkascope::ids::Offset;
use kafkascope::node::Timer;
use kafkascope::protocol::ErrorCode;
use kafkascope::sim::Duration;

use crate::held_log::{HeldLog, Membership};

/// A leader and a follower that have joined, and the leader's sync under way.
fn two_syncing(bench: &mut HeldLog) -> (Membership, Membership) {
    let first = bench.join(3, &Membership::default());
    let second = bench.join(3, &Membership::default());
    bench.settle();
    bench.pass(Duration::from_millis(1));
    let [leader, follower] = [first, second].map(|to| {
        let joined = bench.joined(to);
        Membership {
            member_id: joined.member_id.to_string(),
            generation: joined.generation_id,
            instance: None,
        }
    });
    (leader, follower)
}

#[test]
fn nobody_gets_an_assignment_before_it_is_committed() {
    let mut bench = HeldLog::new(|_| {});
    let (leader, follower) = two_syncing(&mut bench);
    let one = bench.sync(&follower, &[]);
    let two = bench.sync(&leader, &[&leader, &follower]);
    bench.append();
    assert!(bench.waits(one) && bench.waits(two));
    assert_eq!(bench.state(), "CompletingRebalance");
    bench.commit();
    assert_eq!((bench.synced(one), bench.synced(two)), (ErrorCode::None, ErrorCode::None));
    assert_eq!(bench.state(), "Stable");
}

#[test]
fn an_assignment_that_is_not_written_begins_a_rebalance() {
    let mut bench = HeldLog::new(|_| {});
    let (leader, follower) = two_syncing(&mut bench);
    let one = bench.sync(&follower, &[]);
    let two = bench.sync(&leader, &[&leader, &follower]);
    bench.fail(ErrorCode::NotEnoughReplicas);
    let error = ErrorCode::CoordinatorNotAvailable;
    assert_eq!((bench.synced(one), bench.synced(two)), (error, error));
    assert_eq!(bench.state(), "PreparingRebalance");
}

#[test]
fn a_rebalance_makes_an_assignment_on_its_way_void() {
    let mut bench = HeldLog::new(|_| {});
    let (leader, follower) = two_syncing(&mut bench);
    let syncing = bench.sync(&leader, &[&leader, &follower]);
    bench.join(3, &Membership::default());
    assert_eq!(bench.synced(syncing), ErrorCode::RebalanceInProgress);
    bench.settle();
    assert_eq!(bench.state(), "PreparingRebalance");
}

#[test]
fn a_heartbeat_waits_behind_what_is_being_written() {
    let mut bench = HeldLog::new(|_| {});
    let member = bench.stable_member(None);
    let beating = bench.heartbeat(&member);
    assert_eq!(bench.heard(beating), ErrorCode::None);
    let committing = bench.commit_offset(&member, 5);
    let beating = bench.heartbeat(&member);
    bench.append();
    assert!(bench.waits(beating));
    bench.commit();
    assert_eq!(bench.heard(beating), ErrorCode::None);
    assert_eq!(bench.committed(committing), ErrorCode::None);
}

#[test]
fn a_write_fails_after_offsets_commit_timeout() {
    let mut bench = HeldLog::new(|_| {});
    let member = bench.stable_member(None);
    let committing = bench.commit_offset(&member, 5);
    bench.append();
    bench.pass(Duration::from_millis(4_999));
    assert!(bench.waits(committing));
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.committed(committing), ErrorCode::CoordinatorNotAvailable);
    // It is written nevertheless, and is committed in the end.
    bench.commit();
    let fetching = bench.fetch_offset(false);
    assert_eq!(bench.fetched(fetching), Ok(5));
    assert!(!bench.timers.contains_key(&Timer::CoordinatorAppend(0)));
}

#[test]
fn a_join_that_waits_behind_a_failing_write_is_refused_and_the_member_counts_all_the_same() {
    let mut bench = HeldLog::new(|_| {});
    let member = bench.stable_member(None);
    bench.commit_offset(&member, 5);
    let joining = bench.join(3, &Membership::default());
    bench.fail(ErrorCode::NotLeaderOrFollower);
    assert_eq!(bench.joined(joining).error_code, ErrorCode::NotCoordinator.code());
    assert_eq!(bench.coordinator.group("g").expect("it is there").members.len(), 2);
    // It is never answered again: the bench would notice.
    bench.pass(Duration::from_secs(400));
}

#[test]
fn a_new_group_that_is_not_written_is_gone() {
    let mut bench = HeldLog::new(|_| {});
    let joining = bench.join(3, &Membership::default());
    assert_eq!(bench.state(), "PreparingRebalance");
    bench.fail(ErrorCode::NotLeaderOrFollower);
    assert_eq!(bench.joined(joining).error_code, ErrorCode::NotCoordinator.code());
    assert_eq!(bench.state(), "none");
    assert!(bench.timers.keys().all(|timer| *timer == Timer::GroupExpiry(0)), "{:?}", bench.timers);
    let joining = bench.join(3, &Membership::default());
    bench.settle();
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.joined(joining).generation_id, 1);
}

#[test]
fn a_static_member_takes_its_place_over_without_a_rebalance() {
    let mut bench = HeldLog::new(|_| {});
    let old = bench.stable_member(Some("i1"));
    let joining = bench.join(9, &Membership { instance: Some("i1"), ..Membership::default() });
    assert!(bench.waits(joining), "its new id has to be written");
    bench.settle();
    let joined = bench.joined(joining);
    assert_eq!((joined.generation_id, joined.skip_assignment), (1, true));
    assert_eq!(joined.leader, joined.member_id);
    assert_eq!(bench.state(), "Stable");

    let new = Membership { member_id: joined.member_id.to_string(), ..old.clone() };
    let syncing = bench.sync(&new, &[]);
    assert_eq!(bench.synced(syncing), ErrorCode::None);
    let fenced = bench.sync(&old, &[]);
    assert_eq!(bench.synced(fenced), ErrorCode::FencedInstanceId);
    let replaced =
        |fact: &Fact| matches!(fact, Fact::MemberRemoved { reason: LeaveReason::Replaced, .. });
    assert!(bench.facts.iter().any(replaced));
}

#[test]
fn an_older_static_leader_is_not_told_that_it_leads() {
    let mut bench = HeldLog::new(|_| {});
    let old = bench.stable_member(Some("i1"));
    let joining = bench.join(8, &Membership { instance: Some("i1"), ..Membership::default() });
    bench.settle();
    let joined = bench.joined(joining);
    assert_eq!(&*joined.leader, old.member_id);
    assert!(joined.members.is_empty() && !joined.skip_assignment);
}

#[test]
fn a_static_member_keeps_its_old_id_where_the_new_one_cannot_be_written() {
    let mut bench = HeldLog::new(|_| {});
    let old = bench.stable_member(Some("i1"));
    let joining = bench.join(9, &Membership { instance: Some("i1"), ..Membership::default() });
    bench.fail(ErrorCode::NotEnoughReplicas);
    assert_eq!(bench.joined(joining).error_code, ErrorCode::CoordinatorNotAvailable.code());
    let beating = bench.heartbeat(&old);
    assert_eq!(bench.heard(beating), ErrorCode::None);
}

#[test]
fn while_a_shard_is_loaded_members_wait_and_keep_their_places() {
    let mut bench = HeldLog::unloaded(|_| {});
    let member = Membership { member_id: "m".into(), generation: 1, instance: None };
    let joining = bench.join(3, &member);
    assert_eq!(bench.joined(joining).error_code, ErrorCode::NotCoordinator.code());
    bench.coordinator.begin_load(0, 0);
    let joining = bench.join(3, &member);
    assert_eq!(bench.joined(joining).error_code, ErrorCode::CoordinatorLoadInProgress.code());
    let beating = bench.heartbeat(&member);
    assert_eq!(bench.heard(beating), ErrorCode::None);
    bench.step(|coordinator, out| coordinator.load(0, 0, [], Offset(0), Offset(0), out));
    let beating = bench.heartbeat(&member);
    assert_eq!(bench.heard(beating), ErrorCode::UnknownMemberId);
}

#[test]
fn who_waits_is_sent_away_when_the_shard_is_unloaded() {
    let mut bench = HeldLog::new(|_| {});
    let member = bench.stable_member(None);
    let committing = bench.commit_offset(&member, 5);
    bench.append();
    let joining = bench.join(3, &Membership::default());
    bench.step(|coordinator, out| coordinator.unload(0, Some(1), out));
    assert_eq!(bench.committed(committing), ErrorCode::NotCoordinator);
    assert_eq!(bench.joined(joining).error_code, ErrorCode::NotCoordinator.code());
    assert!(bench.timers.is_empty(), "{:?}", bench.timers);
    assert_eq!(bench.coordinator.groups().count(), 0);
}

#[test]
fn records_are_gathered_until_the_linger_is_over() {
    let mut bench = HeldLog::new(|config| config.append_linger = Duration::from_millis(5));
    let none = Membership::default();
    let one = bench.commit_offset(&none, 1);
    bench.pass(Duration::from_millis(4));
    let two = bench.commit_offset(&none, 2);
    assert!(bench.writes.is_empty());
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.writes.len(), 1);
    assert_eq!(bench.append().records.len(), 2);
    bench.commit();
    assert_eq!((bench.committed(one), bench.committed(two)), (ErrorCode::None, ErrorCode::None));
}

#[test]
fn a_batch_is_closed_when_the_next_records_have_no_room_in_it() {
    let mut bench = HeldLog::new(|config| {
        config.append_linger = Duration::from_millis(5);
        config.max_message_bytes = 250;
    });
    for offset in 0..4 {
        bench.commit_offset(&Membership::default(), offset);
    }
    bench.pass(Duration::from_millis(5));
    let sizes: Vec<usize> = bench.writes.iter().map(|write| write.records.len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 4);
    assert!(sizes.len() > 1 && sizes[0] > 1, "{sizes:?}");
    bench.settle();
    let fetching = bench.fetch_offset(false);
    assert_eq!(bench.fetched(fetching), Ok(3));
}
