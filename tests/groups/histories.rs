//! Whatever happens to its members, a group ends stable, with every partition owned once.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::GroupId;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafkascope::assignor::{Assignor, Member, Topic, Topics, in_java_order};
use kafkascope::coordinator::group::GroupCoordinatorConfig;
use kafkascope::ids::{Generation, Name, TopicPartition};
use kafkascope::node::ReplyTo;
use kafkascope::protocol::consumer_protocol::{
    Assignment, NEWEST_VERSION, StickyUserData, Subscription, cooperative_user_data,
};
use kafkascope::protocol::{ErrorCode, RequestBody, ResponseBody};
use kafkascope::sim::Duration;
use proptest::prelude::*;

use crate::driver::Driver;
use crate::held_log::string;

/// What can happen.
#[derive(Clone, Debug)]
enum Step {
    /// A client starts, if it is not running.
    Start(usize),
    /// A client is gone without a word.
    Crash(usize),
    /// A client leaves properly; a static one just goes.
    Close(usize),
    /// Time passes, in seconds.
    Pass(u32),
    /// The coordinator moves to another broker.
    FailOver,
}

const CLIENTS: usize = 5;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..CLIENTS).prop_map(Step::Start),
        2 => (0..CLIENTS).prop_map(Step::Crash),
        2 => (0..CLIENTS).prop_map(Step::Close),
        4 => (0..20_u32).prop_map(Step::Pass),
        1 => Just(Step::FailOver),
    ]
}

/// What a client is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Stopped,
    /// It has to join.
    Unjoined,
    Joining(ReplyTo),
    Syncing(ReplyTo),
    Stable,
}

/// A consumer as the Java client does it: eager, or cooperative.
struct Client {
    number: usize,
    phase: Phase,
    /// Static members keep their name (every second client).
    instance: Option<String>,
    member_id: String,
    generation: i32,
    owned: Vec<TopicPartition>,
}

/// Clients, their group, and what is true of the world.
struct World {
    driver: Driver,
    assignor: Assignor,
    topics: Topics,
    clients: Vec<Client>,
    seconds: u32,
}

impl World {
    fn new(assignor: Assignor, seed: u64) -> Self {
        let config =
            GroupCoordinatorConfig { offsets_topic_num_partitions: 3, ..Default::default() };
        let client = |number| Client {
            number,
            phase: Phase::Stopped,
            instance: (number % 2 == 1).then(|| format!("instance-{number}")),
            member_id: String::new(),
            generation: -1,
            owned: Vec::new(),
        };
        Self {
            driver: Driver::new(config, seed),
            assignor,
            topics: Topics::from([
                ("t0".into(), Topic::without_racks(5)),
                ("t1".into(), Topic::without_racks(3)),
            ]),
            clients: (0..CLIENTS).map(client).collect(),
            seconds: 0,
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Start(number) => {
                let client = &mut self.clients[*number];
                if client.phase == Phase::Stopped {
                    client.phase = Phase::Unjoined;
                }
            }
            Step::Crash(number) => self.clients[*number].stop(),
            Step::Close(number) => self.close(*number),
            Step::Pass(seconds) => (0..*seconds).for_each(|_| self.second()),
            Step::FailOver => self.driver.fail_over(),
        }
        self.talk();
    }

    fn close(&mut self, number: usize) {
        let client = &mut self.clients[number];
        let member_id = client.member_id.clone();
        let joined = client.phase != Phase::Stopped && !member_id.is_empty();
        client.stop();
        if joined && client.instance.is_none() {
            let member = MemberIdentity::default().with_member_id(string(&member_id));
            let leave = kafka::LeaveGroupRequest::default()
                .with_group_id(GroupId(string("g")))
                .with_members(vec![member]);
            let body = RequestBody::LeaveGroup(Box::new(leave));
            self.driver.ask(number as u32, "app", 5, body);
        }
    }

    /// A second passes; every third one has heartbeats.
    fn second(&mut self) {
        self.driver.advance(Duration::from_secs(1), |_, _| {});
        self.talk();
        self.seconds += 1;
        if !self.seconds.is_multiple_of(3) {
            return;
        }
        for number in 0..CLIENTS {
            let client = &self.clients[number];
            if client.phase != Phase::Stable {
                continue;
            }
            let heartbeat = kafka::HeartbeatRequest::default()
                .with_group_id(GroupId(string("g")))
                .with_generation_id(client.generation)
                .with_member_id(string(&client.member_id))
                .with_group_instance_id(client.instance.as_deref().map(string));
            let body = RequestBody::Heartbeat(Box::new(heartbeat));
            self.driver.ask(number as u32, "app", 4, body);
        }
        self.talk();
    }

    /// Clients ask and listen until all of them wait.
    fn talk(&mut self) {
        // With a gathering coordinator some answers come with the next timer.
        self.driver.advance(Duration::from_millis(10), |_, _| {});
        self.driver.written.clear();
        loop {
            let answers = std::mem::take(&mut self.driver.answers);
            let mut idle = answers.is_empty();
            for (to, answer) in answers {
                self.hear(to, answer);
            }
            for number in 0..CLIENTS {
                if self.clients[number].phase == Phase::Unjoined {
                    self.join(number);
                    idle = false;
                }
            }
            self.driver.advance(Duration::from_millis(10), |_, _| {});
            if idle && self.driver.answers.is_empty() {
                return;
            }
        }
    }

    fn join(&mut self, number: usize) {
        let client = &self.clients[number];
        let owned = client.owned.clone();
        let generation = (client.generation >= 0).then_some(Generation(client.generation));
        // The last client reads one topic only.
        let topics =
            if number == CLIENTS - 1 { vec!["t0".into()] } else { vec!["t0".into(), "t1".into()] };
        let cooperative = self.assignor.is_cooperative();
        let user_data = match self.assignor {
            Assignor::Sticky => {
                Some(StickyUserData { partitions: owned.clone(), generation }.encode())
            }
            Assignor::CooperativeSticky => Some(cooperative_user_data(generation)),
            _ => None,
        };
        let owned = if cooperative { owned } else { Vec::new() };
        let subscription = Subscription { topics, user_data, owned, generation, rack: None };
        let protocol = JoinGroupRequestProtocol::default()
            .with_name(string(self.assignor.name()))
            .with_metadata(subscription.encode(NEWEST_VERSION));
        let join = kafka::JoinGroupRequest::default()
            .with_group_id(GroupId(string("g")))
            .with_session_timeout_ms(10_000)
            .with_rebalance_timeout_ms(15_000)
            .with_member_id(string(&client.member_id))
            .with_group_instance_id(client.instance.as_deref().map(string))
            .with_protocol_type(string("consumer"))
            .with_protocols(vec![protocol]);
        let body = RequestBody::JoinGroup(Box::new(join));
        let to = self.driver.ask(number as u32, "app", 9, body);
        self.clients[number].phase = Phase::Joining(to);
    }

    fn hear(&mut self, to: ReplyTo, answer: ResponseBody) {
        let number = to.connection.0 as usize;
        let phase = self.clients[number].phase;
        match answer {
            ResponseBody::JoinGroup(join) if phase == Phase::Joining(to) => {
                self.joined(number, &join);
            }
            ResponseBody::SyncGroup(sync) if phase == Phase::Syncing(to) => {
                self.synced(number, &sync);
            }
            ResponseBody::Heartbeat(heartbeat) if phase == Phase::Stable => {
                self.clients[number].refused(ErrorCode::from_code(heartbeat.error_code));
            }
            // Somebody who crashed, or what it asked before it joined again.
            _ => {}
        }
    }

    fn joined(&mut self, number: usize, join: &kafka::JoinGroupResponse) {
        let client = &mut self.clients[number];
        let error = ErrorCode::from_code(join.error_code);
        if error == ErrorCode::MemberIdRequired {
            client.member_id = join.member_id.to_string();
            client.phase = Phase::Unjoined;
            return;
        }
        if error != ErrorCode::None {
            client.refused(error);
            return;
        }
        client.member_id = join.member_id.to_string();
        client.generation = join.generation_id;
        let leads = join.leader == join.member_id && !join.skip_assignment;
        let parts = if leads { self.assign(join) } else { Vec::new() };
        let client = &self.clients[number];
        let sync = kafka::SyncGroupRequest::default()
            .with_group_id(GroupId(string("g")))
            .with_generation_id(client.generation)
            .with_member_id(string(&client.member_id))
            .with_group_instance_id(client.instance.as_deref().map(string))
            .with_protocol_type(join.protocol_type.clone())
            .with_protocol_name(join.protocol_name.clone())
            .with_assignments(parts);
        let to = self.driver.ask(number as u32, "app", 5, RequestBody::SyncGroup(Box::new(sync)));
        self.clients[number].phase = Phase::Syncing(to);
    }

    fn assign(&self, join: &kafka::JoinGroupResponse) -> Vec<SyncGroupRequestAssignment> {
        let member = |member: &kafka::join_group_response::JoinGroupResponseMember| {
            let subscription = Subscription::decode(&member.metadata).expect("a client wrote it");
            let instance = member.group_instance_id.as_deref().map(Into::into);
            Member::new((*member.member_id).into(), instance, subscription)
        };
        let mut members: Vec<Member> = join.members.iter().map(member).collect();
        in_java_order(&mut members);
        let assigned = self.assignor.assign(&members, &self.topics).expect("nothing was deleted");
        let parts = members.iter().zip(assigned).map(|(member, partitions)| {
            let assignment = Assignment { partitions, user_data: None };
            SyncGroupRequestAssignment::default()
                .with_member_id(string(&member.member_id))
                .with_assignment(assignment.encode(NEWEST_VERSION))
        });
        parts.collect()
    }

    fn synced(&mut self, number: usize, sync: &kafka::SyncGroupResponse) {
        let client = &mut self.clients[number];
        let error = ErrorCode::from_code(sync.error_code);
        if error != ErrorCode::None {
            client.refused(error);
            return;
        }
        let assigned = Assignment::decode(&sync.assignment).map(|assignment| assignment.partitions);
        let assigned = assigned.unwrap_or_default();
        let gives_up = client.owned.iter().any(|tp| !assigned.contains(tp));
        client.owned = assigned;
        client.phase = Phase::Stable;
        if self.assignor.is_cooperative() && gives_up {
            // What it gave up can be assigned now.
            client.phase = Phase::Unjoined;
        }
    }

    /// Stable, complete, and nothing owned twice.
    fn check(&self) {
        let running: Vec<&Client> =
            self.clients.iter().filter(|client| client.phase != Phase::Stopped).collect();
        let Some(group) = self.driver.coordinator.group("g") else {
            assert!(running.is_empty(), "nobody is in the group");
            return;
        };
        let expected = if running.is_empty() { "Empty" } else { "Stable" };
        assert_eq!(group.state.name(), expected);
        let ids: BTreeSet<&str> = group.members.keys().map(|id| &**id).collect();
        assert_eq!(ids, running.iter().map(|client| &*client.member_id).collect());
        let mut owners: BTreeMap<&TopicPartition, usize> = BTreeMap::new();
        for client in &running {
            assert_eq!(client.phase, Phase::Stable);
            assert_eq!(client.generation, group.generation.0);
            for tp in &client.owned {
                let before = owners.insert(tp, client.number);
                assert_eq!(before, None, "{tp} has two owners");
                assert!(client.number < CLIENTS - 1 || &*tp.topic == "t0");
            }
        }
        let everything = running.iter().any(|client| client.number < CLIENTS - 1);
        let expected = if running.is_empty() { 0 } else { 5 + usize::from(everything) * 3 };
        assert_eq!(owners.len(), expected, "every partition has an owner");
    }
}

impl Client {
    fn stop(&mut self) {
        *self = Self {
            number: self.number,
            phase: Phase::Stopped,
            instance: self.instance.take(),
            member_id: String::new(),
            generation: -1,
            owned: Vec::new(),
        };
    }

    /// What the Java client does about an error.
    fn refused(&mut self, error: ErrorCode) {
        match error {
            ErrorCode::None => {}
            ErrorCode::RebalanceInProgress
            | ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable => self.phase = Phase::Unjoined,
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                self.member_id.clear();
                self.generation = -1;
                self.owned.clear();
                self.phase = Phase::Unjoined;
            }
            // Fatal to a consumer. It can happen without a second one: its new member id was not
            // yet written when the coordinator moved.
            ErrorCode::FencedInstanceId => self.stop(),
            other => panic!("client {}: {other}", self.number),
        }
    }
}

fn run(assignor: Assignor, seed: u64, steps: &[Step]) {
    let mut world = World::new(assignor, seed);
    for step in steps {
        world.take(step);
    }
    // A coordinator and a static member that go at once may take with them that partitions were given
    // up to be assigned: the next rebalance assigns them. So there is one.
    for step in [Step::Close(0), Step::Pass(12), Step::Start(0), Step::Pass(100)] {
        world.take(&step);
    }
    world.check();
    let generation = |world: &World| world.driver.coordinator.group("g").map(|g| g.generation);
    let before: Option<Generation> = generation(&world);
    // A failover changes nothing that is stable.
    world.take(&Step::FailOver);
    (0..30).for_each(|_| world.second());
    world.check();
    assert_eq!(generation(&world), before);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn range_groups_end_stable(seed: u64, steps in prop::collection::vec(step(), 1..40)) {
        run(Assignor::Range, seed, &steps);
    }

    #[test]
    fn round_robin_groups_end_stable(seed: u64, steps in prop::collection::vec(step(), 1..40)) {
        run(Assignor::RoundRobin, seed, &steps);
    }

    #[test]
    fn sticky_groups_end_stable(seed: u64, steps in prop::collection::vec(step(), 1..40)) {
        run(Assignor::Sticky, seed, &steps);
    }

    #[test]
    fn cooperative_groups_end_stable(seed: u64, steps in prop::collection::vec(step(), 1..40)) {
        run(Assignor::CooperativeSticky, seed, &steps);
    }
}

#[test]
fn member_ids_are_the_client_id_and_a_random_uuid() {
    let mut world = World::new(Assignor::Range, 7);
    world.take(&Step::Start(0));
    world.take(&Step::Start(1));
    let ids: Vec<&Name> =
        world.driver.coordinator.groups().flat_map(|g| g.members.keys()).collect();
    assert_eq!(ids.len(), 2);
    for (id, prefix) in ids.into_iter().zip(["app-", "instance-1-"]) {
        let uuid = id.strip_prefix(prefix).expect("the prefix");
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4", "a random UUID");
    }
}
