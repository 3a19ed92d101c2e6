use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;

use super::*;
use crate::client::testing::{self, Cardboard, Lab};
use crate::ids::{Offset, TopicPartition};
use crate::node::{ConfigResource, SeekTo};
use crate::protocol::{Api, RequestBody, ResponseBody, convert};

impl testing::Client for Admin {
    fn handle(&mut self, input: Input, out: &mut Outbox) {
        Self::handle(self, input, out);
    }
}

fn topic(name: &str) -> AdminRequest {
    AdminRequest::CreateTopic {
        topic: name.into(),
        partitions: Some(2),
        replication_factor: Some(3),
        replicas: vec![],
        config: vec![("retention.ms".into(), "1000".into())],
    }
}

fn lab(cluster: Cardboard, expected_brokers: u32, topics: Vec<AdminRequest>) -> Lab<Admin> {
    let spec = AdminSpec {
        bootstrap: vec![BrokerId(1)],
        config: AdminConfig::default(),
        expected_brokers,
        topics,
    };
    Lab::new(cluster, |out| Admin::boot(&spec, &"admin".into(), 3, out))
}

impl Lab<Admin> {
    fn ask(&mut self, request: AdminRequest) {
        self.give(Input::Instruction(Instruction::Admin(request)));
    }

    /// Answers the oldest `CreateTopics`: an error for each topic, or none.
    fn created(&mut self, errors: &[(&str, ErrorCode, Option<&'static str>)]) {
        let result = |(name, error, message): &(&str, ErrorCode, Option<&'static str>)| {
            CreatableTopicResult::default()
                .with_name(convert::topic_name(name))
                .with_error_code(error.code())
                .with_error_message(message.map(convert::text))
        };
        let answer =
            kafka::CreateTopicsResponse::default().with_topics(errors.iter().map(result).collect());
        self.answer(Api::CreateTopics, ResponseBody::CreateTopics(Box::new(answer)));
    }

    fn results(&mut self) -> Vec<(u64, Result<(), String>)> {
        let outcomes = self.client.take_outcomes().into_iter();
        let text = |error: AdminError| format!("{}: {}", error.error, error.message);
        outcomes.map(|outcome| (outcome.id, outcome.result.map_err(text))).collect()
    }
}

#[test]
fn topics_are_created_when_all_brokers_are_there_and_are_ready_when_they_have_leaders() {
    let mut lab = lab(Cardboard::of(2), 3, vec![topic("a"), topic("b")]);
    lab.run_ms(550);
    assert!(!lab.client.brokers_ready());
    lab.cluster.brokers.insert(BrokerId(3));
    lab.run_ms(100);
    assert!(lab.client.brokers_ready() && !lab.client.topics_ready());
    let RequestBody::CreateTopics(asked) = &lab.unanswered[0].request.body else { panic!() };
    assert_eq!(asked.topics.len(), 2);
    assert_eq!((asked.topics[0].num_partitions, asked.topics[0].replication_factor), (2, 3));
    assert_eq!((asked.timeout_ms, lab.unanswered[0].request.api_version), (30_000, 7));
    lab.created(&[("a", ErrorCode::None, None), ("b", ErrorCode::None, None)]);
    lab.run_ms(300);
    assert!(!lab.client.topics_ready());
    lab.cluster = lab.cluster.clone().topic("a", &[1, 2]).topic("b", &[3, -1]);
    lab.run_ms(300);
    assert!(!lab.client.topics_ready(), "b-1 has no leader");
    lab.cluster.elect("b", 1, 1);
    lab.run_ms(100);
    assert!(lab.client.topics_ready());
    assert_eq!(lab.results(), [(0, Ok(())), (1, Ok(()))]);
    assert!(!lab.client.metadata().wants("a"), "nobody asks for them any more");
}

#[test]
fn a_topic_that_is_refused_does_not_keep_the_others() {
    let mut lab = lab(Cardboard::of(1).topic("a", &[1]), 1, vec![topic("a"), topic("b")]);
    lab.run_ms(200);
    let message = "Unable to replicate the partition 3 time(s): The target replication factor of 3 \
                   cannot be reached because only 1 broker(s) are registered.";
    lab.created(&[
        ("a", ErrorCode::None, None),
        ("b", ErrorCode::InvalidReplicationFactor, Some(message)),
    ]);
    lab.run_ms(200);
    assert!(lab.client.topics_ready());
    let refused = lab.told(|fact| match fact {
        Fact::AdminRefused { api, subject, error, message } => {
            Some(format!("{api} {subject}: {error}: {message}"))
        }
        _ => None,
    });
    assert_eq!(refused, [format!("CreateTopics b: INVALID_REPLICATION_FACTOR: {message}")]);
}

#[test]
fn the_wrong_controller_is_asked_again_after_a_look_at_the_metadata() {
    let mut lab = lab(Cardboard::of(3), 3, vec![]);
    lab.run_ms(1_000);
    assert!(lab.client.topics_ready());
    lab.ask(topic("c"));
    assert_eq!(lab.waiting(Api::CreateTopics), [1]);
    lab.cluster.brokers.remove(&BrokerId(1));
    lab.created(&[("c", ErrorCode::NotController, None)]);
    lab.run_ms(300);
    assert_eq!(lab.waiting(Api::CreateTopics), [2]);
    lab.created(&[("c", ErrorCode::None, None)]);
    assert_eq!(lab.results(), [(0, Ok(()))]);
    assert!(lab.client.is_idle());
}

#[test]
fn a_call_that_finds_nobody_times_out_after_a_minute() {
    let mut lab = lab(Cardboard::of(1), 1, vec![]);
    lab.run_ms(1_000);
    lab.kill(1);
    lab.ask(AdminRequest::DeleteTopic { topic: "a".into() });
    lab.run_for(Duration::from_secs(59));
    assert_eq!(lab.results(), []);
    lab.run_for(Duration::from_secs(2));
    let message = "Timed out waiting for a node assignment. Call: deleteTopics";
    assert_eq!(lab.results(), [(0, Err(format!("REQUEST_TIMED_OUT: {message}")))]);
}

#[test]
fn a_call_whose_broker_dies_goes_to_the_next_one() {
    let mut lab = lab(Cardboard::of(2), 2, vec![]);
    lab.run_ms(1_000);
    lab.ask(AdminRequest::CreatePartitions { topic: "a".into(), count: 5 });
    assert_eq!(lab.waiting(Api::CreatePartitions), [1]);
    lab.cluster.brokers.remove(&BrokerId(1));
    lab.kill(1);
    lab.run_ms(1_000);
    assert_eq!(lab.waiting(Api::CreatePartitions), [2]);
}

#[test]
fn one_broker_works_on_one_call_at_a_time() {
    let mut lab = lab(Cardboard::of(1), 1, vec![]);
    lab.run_ms(1_000);
    lab.ask(topic("a"));
    lab.ask(topic("b"));
    assert_eq!(lab.waiting(Api::CreateTopics), [1]);
    lab.created(&[("a", ErrorCode::TopicAlreadyExists, Some("Topic 'a' already exists."))]);
    assert_eq!(lab.waiting(Api::CreateTopics), [1]);
    lab.created(&[("b", ErrorCode::None, None)]);
    let exists = "TOPIC_ALREADY_EXISTS: Topic 'a' already exists.".to_owned();
    assert_eq!(lab.results(), [(0, Err(exists)), (1, Ok(()))]);
}

#[test]
fn a_brokers_own_settings_go_to_that_broker() {
    let mut lab = lab(Cardboard::of(3), 3, vec![]);
    lab.run_ms(1_000);
    lab.ask(AdminRequest::AlterConfig {
        resource: ConfigResource::Broker,
        name: "3".into(),
        key: "num.io.threads".into(),
        value: None,
    });
    assert_eq!(lab.waiting(Api::IncrementalAlterConfigs), [3]);
    let asked = &lab.unanswered[0].request.body;
    let RequestBody::IncrementalAlterConfigs(asked) = asked else { panic!() };
    let resource = &asked.resources[0];
    assert_eq!((resource.resource_type, resource.configs[0].config_operation), (4, 1));
}

#[test]
fn an_offset_is_altered_in_four_steps() {
    let mut lab = lab(Cardboard::of(3).topic("kq", &[2]), 3, vec![]);
    lab.run_ms(1_000);
    lab.ask(AdminRequest::AlterOffset {
        group: "g".into(),
        tp: TopicPartition::new("kq", 0),
        to: SeekTo::Latest,
    });
    assert_eq!(lab.waiting(Api::ListOffsets), [2], "the leader is asked");
    let partition =
        kafka::list_offsets_response::ListOffsetsPartitionResponse::default().with_offset(77);
    let topic = kafka::list_offsets_response::ListOffsetsTopicResponse::default()
        .with_partitions(vec![partition]);
    let answer = kafka::ListOffsetsResponse::default().with_topics(vec![topic]);
    lab.answer(Api::ListOffsets, ResponseBody::ListOffsets(Box::new(answer)));
    let coordinator =
        kafka::find_coordinator_response::Coordinator::default().with_node_id(3.into());
    let answer = kafka::FindCoordinatorResponse::default().with_coordinators(vec![coordinator]);
    lab.answer(Api::FindCoordinator, ResponseBody::FindCoordinator(Box::new(answer)));
    assert_eq!(lab.waiting(Api::OffsetCommit), [3]);
    let RequestBody::OffsetCommit(asked) = &lab.unanswered[0].request.body else { panic!() };
    assert_eq!(asked.topics[0].partitions[0].committed_offset, Offset(77).0 as i64);
    let partition = kafka::offset_commit_response::OffsetCommitResponsePartition::default()
        .with_error_code(ErrorCode::UnknownMemberId.code());
    let topic = kafka::offset_commit_response::OffsetCommitResponseTopic::default()
        .with_partitions(vec![partition]);
    let answer = kafka::OffsetCommitResponse::default().with_topics(vec![topic]);
    lab.answer(Api::OffsetCommit, ResponseBody::OffsetCommit(Box::new(answer)));
    assert_eq!(lab.results(), [(0, Err("UNKNOWN_MEMBER_ID: UNKNOWN_MEMBER_ID".to_owned()))]);
}

#[test]
fn a_client_that_is_closed_finishes_its_calls() {
    let mut lab = lab(Cardboard::of(1), 1, vec![]);
    lab.run_ms(1_000);
    lab.ask(topic("a"));
    lab.give(Input::Shutdown);
    assert_eq!(lab.exit, None);
    lab.created(&[("a", ErrorCode::None, None)]);
    assert_eq!(lab.exit, Some(0));
}
