//! Committing, fetching, deleting and expiring offsets.

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::GroupId;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafkascope::coordinator::group::{LoadedContent, LoadedRecord};
use kafkascope::fact::Fact;
use kafkascope::ids::Offset;
use kafkascope::node::ReplyTo;
use kafkascope::protocol::{ErrorCode, RequestBody, ResponseBody};
use kafkascope::sim::Duration;

use crate::held_log::{HeldLog, Membership, commit_request, string};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn a_reader_sees_what_is_committed_and_a_stable_one_waits_for_the_rest() {
    let mut bench = HeldLog::new(|_| {});
    let none = Membership::default();
    bench.commit_offset(&none, 1);
    bench.settle();
    let committing = bench.commit_offset(&none, 2);
    let fetching = bench.fetch_offset(false);
    assert_eq!(bench.fetched(fetching), Ok(1));
    let stable = bench.fetch_offset(true);
    bench.append();
    assert!(bench.waits(stable) && bench.waits(committing));
    bench.commit();
    assert_eq!(bench.fetched(stable), Ok(2));
    assert_eq!(bench.committed(committing), ErrorCode::None);
    let told = bench.facts.iter().filter(|fact| matches!(fact, Fact::OffsetCommitted { .. }));
    assert_eq!(told.count(), 2);
}

#[test]
fn the_next_coordinator_knows_what_is_committed_before_it_knows_that_all_is() {
    let mut bench = HeldLog::new(|_| {});
    for offset in [1, 2, 3] {
        bench.commit_offset(&Membership::default(), offset);
    }
    let written: Vec<_> = (0..3).flat_map(|_| bench.append().records).collect();
    let loaded: Vec<LoadedRecord> = (0..)
        .zip(&written)
        .map(|(offset, record)| {
            let (key, value) = (record.key.clone(), record.value.clone());
            let content = LoadedContent::Data { key, value };
            LoadedRecord { offset: Offset(offset), producer: None, content }
        })
        .collect();
    for high_watermark in 0..=3 {
        let mut next = HeldLog::unloaded(|_| {});
        let records = loaded.clone();
        next.step(|coordinator, out| {
            coordinator.load(0, 0, records, Offset(high_watermark), Offset(3), out);
        });
        let fetching = next.fetch_offset(false);
        let committed = if high_watermark == 0 { -1 } else { high_watermark as i64 };
        assert_eq!(next.fetched(fetching), Ok(committed));
        let stable = next.fetch_offset(true);
        assert_eq!(next.waits(stable), high_watermark < 3);
        next.step(|coordinator, out| coordinator.on_high_watermark(0, Offset(3), out));
        assert_eq!(next.fetched(stable), Ok(3));
    }
}

#[test]
fn a_commit_that_is_not_written_is_undone() {
    let mut bench = HeldLog::new(|_| {});
    let none = Membership::default();
    bench.commit_offset(&none, 1);
    bench.settle();
    let committing = bench.commit_offset(&none, 2);
    let stable = bench.fetch_offset(true);
    bench.fail(ErrorCode::NotEnoughReplicas);
    assert_eq!(bench.committed(committing), ErrorCode::CoordinatorNotAvailable);
    // Older consumers take that one for fatal, so a fetch says something else.
    assert_eq!(bench.fetched(stable), Err(ErrorCode::NotCoordinator));
    let stable = bench.fetch_offset(true);
    assert_eq!(bench.fetched(stable), Ok(1));
}

#[test]
fn only_members_of_the_generation_commit_while_there_are_members() {
    let mut bench = HeldLog::new(|_| {});
    let member = bench.stable_member(None);
    let mut error = |membership: &Membership| {
        let committing = bench.commit_offset(membership, 1);
        bench.settle();
        bench.committed(committing)
    };
    assert_eq!(error(&member), ErrorCode::None);
    assert_eq!(error(&Membership::default()), ErrorCode::UnknownMemberId);
    let late = Membership { generation: 0, ..member.clone() };
    assert_eq!(error(&late), ErrorCode::IllegalGeneration);
    let stranger = Membership { member_id: "stranger".into(), ..member };
    assert_eq!(error(&stranger), ErrorCode::UnknownMemberId);
}

#[test]
fn a_group_that_is_not_there_takes_offsets_from_those_without_generation_only() {
    let mut bench = HeldLog::new(|_| {});
    let member = Membership { member_id: "m".into(), generation: 3, instance: None };
    let committing = bench.commit_offset(&member, 1);
    assert_eq!(bench.committed(committing), ErrorCode::GroupIdNotFound);
    let committing = bench.commit_offset(&Membership::default(), 1);
    bench.settle();
    assert_eq!(bench.committed(committing), ErrorCode::None);
    assert!(bench.coordinator.group("g").expect("it was made").is_simple());
}

#[test]
fn partitions_that_do_not_exist_are_refused_one_by_one() {
    let mut bench = HeldLog::new(|_| {});
    let topic = |name: &str, partitions: &[i32], metadata: &str| {
        let partition = |index: &i32| {
            OffsetCommitRequestPartition::default()
                .with_partition_index(*index)
                .with_committed_offset(7)
                .with_committed_metadata(Some(string(metadata)))
        };
        OffsetCommitRequestTopic::default()
            .with_name(kafka::TopicName(string(name)))
            .with_partitions(partitions.iter().map(partition).collect())
    };
    let topics = vec![
        topic("gone", &[0], ""),
        topic("kq", &[0, 99], ""),
        topic("kq2", &[0], &"x".repeat(5000)),
    ];
    let committing = bench.ask(9, commit_request(&Membership::default(), topics));
    bench.settle();
    let ResponseBody::OffsetCommit(commit) = bench.answer(committing) else { panic!() };
    let errors: Vec<ErrorCode> = (commit.topics.iter())
        .flat_map(|topic| &topic.partitions)
        .map(|partition| ErrorCode::from_code(partition.error_code))
        .collect();
    let unknown = ErrorCode::UnknownTopicOrPartition;
    assert_eq!(errors, [unknown, ErrorCode::None, unknown, ErrorCode::OffsetMetadataTooLarge]);
}

#[test]
fn offsets_of_an_empty_group_expire_a_while_after_its_last_member_left() {
    let mut bench = HeldLog::new(|_| {});
    let member = bench.stable_member(None);
    bench.commit_offset(&member, 5);
    bench.settle();
    // Ten days without a commit, but with a member: nothing expires.
    for _ in 0..10 * 24 * 3600 / 5 {
        bench.pass(Duration::from_secs(5));
        let beating = bench.heartbeat(&member);
        assert_eq!(bench.heard(beating), ErrorCode::None);
    }
    assert_eq!(bench.writes.len(), 0);
    bench.pass(Duration::from_secs(10));
    bench.settle();
    assert_eq!(bench.state(), "Empty");
    bench.pass(DAY * 6);
    bench.settle();
    assert!(bench.coordinator.committed_offsets("g").is_some());
    bench.pass(DAY + Duration::from_secs(600));
    let write = bench.append();
    assert_eq!(write.records.len(), 2, "a tombstone for the offset and one for the group");
    assert!(write.records.iter().all(|record| record.value.is_none()));
    bench.commit();
    assert_eq!(bench.state(), "none");
    assert_eq!(bench.coordinator.groups().count(), 0);
}

#[test]
fn offsets_without_a_group_expire_a_while_after_their_commit() {
    let mut bench = HeldLog::new(|_| {});
    bench.commit_offset(&Membership::default(), 5);
    bench.settle();
    bench.pass(DAY * 7 - Duration::from_secs(1));
    assert!(bench.writes.is_empty());
    bench.pass(Duration::from_secs(600));
    bench.settle();
    assert_eq!(bench.state(), "none");
}

#[test]
fn a_deletion_that_is_not_written_brings_the_group_back() {
    let mut bench = HeldLog::new(|_| {});
    bench.commit_offset(&Membership::default(), 5);
    bench.settle();
    let deleting = delete(&mut bench);
    assert_eq!(bench.state(), "none");
    bench.fail(ErrorCode::NotLeaderOrFollower);
    assert_eq!(deleted(&mut bench, deleting), ErrorCode::NotCoordinator);
    assert_eq!(bench.state(), "Empty");
    let fetching = bench.fetch_offset(false);
    assert_eq!(bench.fetched(fetching), Ok(5));

    let deleting = delete(&mut bench);
    bench.settle();
    assert_eq!(deleted(&mut bench, deleting), ErrorCode::None);
    assert_eq!(bench.coordinator.groups().count(), 0);
    let deleting = delete(&mut bench);
    assert_eq!(deleted(&mut bench, deleting), ErrorCode::GroupIdNotFound);
}

#[test]
fn a_group_with_members_is_not_deleted() {
    let mut bench = HeldLog::new(|_| {});
    bench.stable_member(None);
    let deleting = delete(&mut bench);
    assert_eq!(deleted(&mut bench, deleting), ErrorCode::NonEmptyGroup);
}

#[test]
fn a_group_is_listed_and_described_as_it_is() {
    let mut bench = HeldLog::new(|_| {});
    let member = bench.stable_member(None);
    let list = |bench: &mut HeldLog, state: &str| {
        let filter = Some(state).filter(|state| !state.is_empty()).map(string);
        let list =
            kafka::ListGroupsRequest::default().with_states_filter(filter.into_iter().collect());
        let listing = bench.ask(5, RequestBody::ListGroups(Box::new(list)));
        let ResponseBody::ListGroups(listed) = bench.answer(listing) else { panic!() };
        listed.groups.len()
    };
    assert_eq!((list(&mut bench, ""), list(&mut bench, "stable")), (1, 1));
    assert_eq!(list(&mut bench, "Empty"), 0);

    let names = vec![GroupId(string("g")), GroupId(string("other"))];
    let describe = kafka::DescribeGroupsRequest::default().with_groups(names);
    let describing = bench.ask(6, RequestBody::DescribeGroups(Box::new(describe)));
    let ResponseBody::DescribeGroups(described) = bench.answer(describing) else { panic!() };
    let [group, other] = &described.groups[..] else { panic!("two were asked for") };
    assert_eq!((&*group.group_state, &*group.protocol_data), ("Stable", "range"));
    assert_eq!(&*group.members[0].member_id, member.member_id);
    assert_eq!(&group.members[0].member_assignment[..], member.member_id.as_bytes());
    assert_eq!(other.error_code, ErrorCode::GroupIdNotFound.code());
    assert_eq!(&*other.group_state, "Dead");
}

fn delete(bench: &mut HeldLog) -> ReplyTo {
    let delete =
        kafka::DeleteGroupsRequest::default().with_groups_names(vec![GroupId(string("g"))]);
    bench.ask(2, RequestBody::DeleteGroups(Box::new(delete)))
}

fn deleted(bench: &mut HeldLog, to: ReplyTo) -> ErrorCode {
    let ResponseBody::DeleteGroups(deleted) = bench.answer(to) else { panic!("not deleted") };
    ErrorCode::from_code(deleted.results[0].error_code)
}
