//! A cluster of cardboard for tests of clients: connections open at once, a test answers requests
//! by hand, and metadata answers itself unless it is told not to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::metadata_response as told;

use crate::fact::Fact;
use crate::ids::{BrokerId, Name, Timestamp, TopicId, Uuid};
use crate::node::{ConnectionId, Disconnect, Effect, Input, Interest, Outbox, Timer};
use crate::protocol::{Api, ErrorCode, Request, RequestBody, Response, ResponseBody, convert};
use crate::sim::{Duration, Instant};

/// The wall clock at instant zero.
pub(crate) const WALL: i64 = 1_700_000_000_000;

/// A client that can be tested.
pub(crate) trait Client {
    fn handle(&mut self, input: Input, out: &mut Outbox);
}

/// What the brokers say of themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cardboard {
    pub(crate) brokers: BTreeSet<BrokerId>,
    /// Nobody listens there.
    pub(crate) down: BTreeSet<BrokerId>,
    pub(crate) topics: BTreeMap<Name, CardboardTopic>,
    /// Requests of these kinds wait for the test's answer.
    pub(crate) by_hand: BTreeSet<Api>,
    /// The next producer id.
    pub(crate) next_producer_id: i64,
}

/// A topic of [`Cardboard`]: leader and epoch of each partition.
#[derive(Clone, Debug)]
pub(crate) struct CardboardTopic {
    pub(crate) id: TopicId,
    pub(crate) error: ErrorCode,
    pub(crate) leaders: Vec<(i32, i32)>,
}

/// A request that the test has not answered yet.
#[derive(Clone, Debug)]
pub(crate) struct Unanswered {
    pub(crate) connection: ConnectionId,
    pub(crate) broker: BrokerId,
    pub(crate) request: Arc<Request>,
}

impl Unanswered {
    /// Produce with acks=0.
    fn is_answered_by_nobody(&self) -> bool {
        matches!(&self.request.body, RequestBody::Produce(produce) if produce.acks == 0)
    }
}

/// A client on the bench.
#[derive(Debug)]
pub(crate) struct Lab<C> {
    pub(crate) client: C,
    pub(crate) cluster: Cardboard,
    pub(crate) unanswered: Vec<Unanswered>,
    pub(crate) facts: Vec<(Instant, Fact)>,
    pub(crate) exit: Option<i32>,
    pub(crate) timers: BTreeMap<Timer, Instant>,
    open: BTreeMap<ConnectionId, BrokerId>,
    queue: VecDeque<Input>,
    out: Outbox,
}

impl Cardboard {
    /// Brokers `1..=brokers`.
    pub(crate) fn of(brokers: i32) -> Self {
        Self {
            brokers: (1..=brokers).map(BrokerId).collect(),
            next_producer_id: 1_000,
            ..Self::default()
        }
    }

    /// With a topic whose partitions are led by these brokers in epoch 0.
    pub(crate) fn topic(mut self, name: &str, leaders: &[i32]) -> Self {
        let id = Uuid(0x0101 + self.topics.len() as u128);
        let leaders = leaders.iter().map(|leader| (*leader, 0)).collect();
        self.topics.insert(name.into(), CardboardTopic { id, error: ErrorCode::None, leaders });
        self
    }

    /// Broker `leader` leads a partition from now on, in the next epoch.
    pub(crate) fn elect(&mut self, topic: &str, partition: usize, leader: i32) {
        let topic = self.topics.get_mut(topic).expect("the test made the topic");
        topic.leaders[partition] = (leader, topic.leaders[partition].1 + 1);
    }

    fn answer(&mut self, request: &Request) -> Option<ResponseBody> {
        if self.by_hand.contains(&request.body.api()) {
            return None;
        }
        match &request.body {
            RequestBody::Metadata(asked) => {
                Some(ResponseBody::Metadata(Box::new(self.metadata(asked))))
            }
            RequestBody::InitProducerId(_) => {
                let id = self.next_producer_id;
                self.next_producer_id += 1;
                let answer = kafka::InitProducerIdResponse::default()
                    .with_producer_id(id.into())
                    .with_producer_epoch(0);
                Some(ResponseBody::InitProducerId(Box::new(answer)))
            }
            _ => None,
        }
    }

    /// The answer to a Metadata request.
    pub(crate) fn metadata(&self, asked: &kafka::MetadataRequest) -> kafka::MetadataResponse {
        let names: Vec<Name> = match &asked.topics {
            None => self.topics.keys().cloned().collect(),
            Some(topics) => topics
                .iter()
                .map(|topic| convert::name(topic.name.as_ref().expect("a name")))
                .collect(),
        };
        let broker = |id: &BrokerId| {
            told::MetadataResponseBroker::default()
                .with_node_id(id.0.into())
                .with_host(convert::text("localhost"))
                .with_port(9092)
        };
        kafka::MetadataResponse::default()
            .with_brokers(self.brokers.iter().map(broker).collect())
            .with_controller_id(self.brokers.first().map_or(-1, |id| id.0).into())
            .with_topics(names.iter().map(|name| self.topic_answer(name)).collect())
    }

    fn topic_answer(&self, name: &Name) -> told::MetadataResponseTopic {
        let answer =
            told::MetadataResponseTopic::default().with_name(Some(convert::topic_name(name)));
        let Some(topic) = self.topics.get(name) else {
            return answer.with_error_code(ErrorCode::UnknownTopicOrPartition.code());
        };
        let replicas: Vec<kafka::BrokerId> = self.brokers.iter().map(|id| id.0.into()).collect();
        let partition = |(index, (leader, epoch)): (usize, &(i32, i32))| {
            let error = if *leader < 0 { ErrorCode::LeaderNotAvailable } else { ErrorCode::None };
            told::MetadataResponsePartition::default()
                .with_error_code(error.code())
                .with_partition_index(index as i32)
                .with_leader_id((*leader).into())
                .with_leader_epoch(*epoch)
                .with_replica_nodes(replicas.clone())
                .with_isr_nodes(replicas.clone())
        };
        answer
            .with_error_code(topic.error.code())
            .with_topic_id(convert::uuid(topic.id))
            .with_partitions(topic.leaders.iter().enumerate().map(partition).collect())
    }
}

impl<C: Client> Lab<C> {
    /// Boots a client at instant zero.
    pub(crate) fn new(cluster: Cardboard, boot: impl FnOnce(&mut Outbox) -> C) -> Self {
        let mut out = Outbox::default();
        out.interest = Interest::Everything;
        out.begin(Instant::ZERO, Timestamp(WALL));
        let client = boot(&mut out);
        let mut lab = Self {
            client,
            cluster,
            unanswered: Vec::new(),
            facts: Vec::new(),
            exit: None,
            timers: BTreeMap::new(),
            open: BTreeMap::new(),
            queue: VecDeque::new(),
            out,
        };
        lab.carry_out();
        lab.settle();
        lab
    }

    pub(crate) fn now(&self) -> Instant {
        self.out.now
    }

    /// Gives the client an input now, and all that follows at this instant.
    pub(crate) fn give(&mut self, input: Input) {
        self.queue.push_back(input);
        self.settle();
    }

    /// Lets time pass; timers fire when they are due.
    pub(crate) fn run_for(&mut self, span: Duration) {
        let until = self.now() + span;
        loop {
            let next = self.timers.iter().map(|(timer, at)| (*at, *timer)).min();
            let Some((at, timer)) = next.filter(|(at, _)| *at <= until) else { break };
            self.timers.remove(&timer);
            self.set_clock(at);
            self.give(Input::Timer(timer));
        }
        self.set_clock(until);
    }

    /// Like [`Lab::run_for`], in milliseconds.
    pub(crate) fn run_ms(&mut self, millis: u64) {
        self.run_for(Duration::from_millis(millis));
    }

    fn set_clock(&mut self, now: Instant) {
        assert!(now >= self.out.now, "time does not go back");
        self.out.now = now;
        self.out.wall = Timestamp(WALL + now.as_millis() as i64);
    }

    /// The brokers that requests of one kind wait at, oldest first.
    pub(crate) fn waiting(&self, api: Api) -> Vec<i32> {
        let asked = self.unanswered.iter().filter(|asked| asked.request.body.api() == api);
        asked.map(|asked| asked.broker.0).collect()
    }

    /// Answers the oldest unanswered request of that kind.
    pub(crate) fn answer(&mut self, api: Api, body: ResponseBody) {
        let index = self.unanswered.iter().position(|asked| asked.request.body.api() == api);
        self.answer_at(index.expect("such a request waits"), body);
    }

    /// Answers the unanswered request at `index`.
    pub(crate) fn answer_at(&mut self, index: usize, body: ResponseBody) {
        let asked = self.unanswered.remove(index);
        let correlation_id = asked.request.correlation_id;
        let response = Arc::new(Response { correlation_id, body });
        self.queue.push_back(Input::Response { connection: asked.connection, response });
        self.answer_by_itself(asked.connection);
        self.settle();
    }

    /// All connections to `broker` end; what is on its way is lost.
    pub(crate) fn reset(&mut self, broker: i32) {
        let broker = BrokerId(broker);
        let ended: Vec<_> = self.open.iter().filter(|(_, to)| **to == broker).collect();
        let ended: Vec<_> = ended.into_iter().map(|(connection, _)| *connection).collect();
        for connection in ended {
            self.forget(connection);
            self.give(Input::Disconnected(connection, Disconnect::Reset));
        }
    }

    /// `broker` is not there any more.
    pub(crate) fn kill(&mut self, broker: i32) {
        self.cluster.down.insert(BrokerId(broker));
        self.reset(broker);
    }

    /// `broker` is there again.
    pub(crate) fn start(&mut self, broker: i32) {
        self.cluster.down.remove(&BrokerId(broker));
    }

    /// Facts of one kind, as the closure reads them.
    pub(crate) fn told<T>(&self, read: impl Fn(&Fact) -> Option<T>) -> Vec<T> {
        self.facts.iter().filter_map(|(_, fact)| read(fact)).collect()
    }

    fn settle(&mut self) {
        while let Some(input) = self.queue.pop_front() {
            if let Input::Connected(connection) = input
                && !self.open.contains_key(&connection)
            {
                continue;
            }
            let (now, wall) = (self.out.now, self.out.wall);
            self.out.begin(now, wall);
            self.client.handle(input, &mut self.out);
            self.carry_out();
        }
    }

    fn carry_out(&mut self) {
        let now = self.out.now;
        self.facts.extend(self.out.facts.drain(..).map(|fact| (now, fact)));
        for effect in std::mem::take(&mut self.out.effects) {
            match effect {
                Effect::Connect { connection, peer, .. } => {
                    if self.cluster.down.contains(&peer) {
                        let refused = Input::Disconnected(connection, Disconnect::Refused);
                        self.queue.push_back(refused);
                    } else {
                        self.open.insert(connection, peer);
                        self.queue.push_back(Input::Connected(connection));
                    }
                }
                Effect::Close(connection) => self.forget(connection),
                Effect::Send(connection, request) => self.on_request(connection, request),
                Effect::SetTimer(timer, at, _) => {
                    self.timers.insert(timer, at.max(now));
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&timer);
                }
                Effect::Exit { status } => self.exit = Some(status),
                Effect::Reply(..) | Effect::NoReply(_) | Effect::Listen(_) => {
                    panic!("clients answer nobody")
                }
            }
        }
    }

    fn on_request(&mut self, connection: ConnectionId, request: Arc<Request>) {
        let broker = self.open[&connection];
        self.unanswered.push(Unanswered { connection, broker, request });
        self.answer_by_itself(connection);
    }

    /// Answers what needs no hand, as far as it is next on its connection.
    fn answer_by_itself(&mut self, connection: ConnectionId) {
        let waits =
            |asked: &Unanswered| asked.connection == connection && !asked.is_answered_by_nobody();
        while let Some(index) = self.unanswered.iter().position(waits) {
            let request = self.unanswered[index].request.clone();
            let Some(body) = self.cluster.answer(&request) else { break };
            self.unanswered.remove(index);
            let response = Arc::new(Response { correlation_id: request.correlation_id, body });
            self.queue.push_back(Input::Response { connection, response });
        }
    }

    fn forget(&mut self, connection: ConnectionId) {
        self.open.remove(&connection);
        self.unanswered.retain(|asked| asked.connection != connection);
    }
}
