//! A controller on a log of its own, which commits when the test says so.

use std::sync::Arc;

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::{CreatableReplicaAssignment, CreatableTopic};
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::protocol::StrBytes;

use super::{Append, ControllerConfig, QuorumController};
use crate::fact::{Fact, FactKind};
use crate::ids::{BrokerId, ControllerEpoch, Offset, PartitionIndex, Timestamp};
use crate::metadata::{PartitionRegistration, ResourceType};
use crate::node::{ConnectionId, Effect, Interest, Outbox, ReplyTo, Timer};
use crate::protocol::{ErrorCode, MetadataRecord, Request, RequestBody, ResponseBody};
use crate::sim::{Duration, Instant};

pub(super) struct Lab {
    pub(super) controller: QuorumController,
    pub(super) log: Vec<MetadataRecord>,
    pub(super) out: Outbox,
    pub(super) now: Instant,
    pub(super) requests: i32,
    pub(super) facts: Vec<Fact>,
    pub(super) replies: Vec<ResponseBody>,
}

impl Lab {
    /// A controller that leads an empty log; offset 0 is Raft's own record.
    pub(super) fn new(config: ControllerConfig) -> Self {
        let controller = QuorumController::new(config, 1, 1);
        let mut out = Outbox::default();
        out.interest = Interest::Everything;
        let mut lab = Self {
            controller,
            log: Vec::new(),
            out,
            now: Instant::ZERO,
            requests: 0,
            facts: Vec::new(),
            replies: Vec::new(),
        };
        lab.begin();
        let appends = lab.controller.claim(ControllerEpoch(1), Offset(1), &mut lab.out);
        lab.end(appends);
        lab
    }

    pub(super) fn begin(&mut self) {
        self.out.begin(self.now, Timestamp(0));
    }

    pub(super) fn end(&mut self, appends: Vec<Append>) {
        for append in appends {
            assert_eq!(append.base_offset, self.end_offset(), "batches follow each other");
            self.log.extend(append.records.iter().map(|append| append.record.clone()));
        }
        self.facts.append(&mut self.out.facts);
        for effect in self.out.effects.drain(..) {
            if let Effect::Reply(_, response) = effect {
                self.replies.push(response.body.clone());
            }
        }
    }

    pub(super) fn end_offset(&self) -> Offset {
        Offset(self.log.len() as u64 + 1)
    }

    pub(super) fn commit(&mut self) {
        self.begin();
        self.controller.on_commit(self.end_offset(), &mut self.out);
        self.end(Vec::new());
    }

    /// Sends a request without committing what comes of it.
    pub(super) fn send(&mut self, body: RequestBody) {
        self.requests += 1;
        let from = ReplyTo { connection: ConnectionId(0), correlation_id: self.requests };
        let request = Arc::new(Request {
            api_version: 4,
            correlation_id: self.requests,
            client_id: "lab".into(),
            body,
        });
        self.begin();
        let appends = self.controller.on_request(from, &request, &mut self.out);
        self.end(appends);
    }

    pub(super) fn ask(&mut self, body: RequestBody) -> ResponseBody {
        self.replies.clear();
        self.send(body);
        self.commit();
        assert_eq!(self.replies.len(), 1, "one answer");
        self.replies.remove(0)
    }

    pub(super) fn timer(&mut self, timer: Timer) {
        self.begin();
        let appends = self.controller.on_timer(timer, &mut self.out);
        self.end(appends);
        self.commit();
    }

    pub(super) fn register(
        &mut self,
        broker: i32,
        process: u128,
        previous_epoch: i64,
    ) -> Result<i64, ErrorCode> {
        let features = [("metadata.version", 27), ("group.version", 1)];
        let others = [("transaction.version", 2), ("eligible.leader.replicas.version", 1)];
        let feature = |(name, max)| {
            kafka::broker_registration_request::Feature::default()
                .with_name(StrBytes::from_static_str(name))
                .with_max_supported_version(max)
        };
        let request = kafka::BrokerRegistrationRequest::default()
            .with_broker_id(kafka::BrokerId(broker))
            .with_cluster_id(StrBytes::from_static_str("lab"))
            .with_incarnation_id(uuid::Uuid::from_u128(process))
            .with_features(features.into_iter().chain(others).map(feature).collect())
            .with_log_dirs(vec![uuid::Uuid::from_u128(1 << 100 | broker as u128)])
            .with_previous_broker_epoch(previous_epoch);
        match self.ask(RequestBody::BrokerRegistration(Box::new(request))) {
            ResponseBody::BrokerRegistration(response) if response.error_code == 0 => {
                Ok(response.broker_epoch)
            }
            ResponseBody::BrokerRegistration(response) => {
                Err(ErrorCode::from_code(response.error_code))
            }
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn heartbeat(
        &mut self,
        broker: i32,
        want_shut_down: bool,
    ) -> kafka::BrokerHeartbeatResponse {
        let epoch = self.controller.image().broker(BrokerId(broker)).expect("registered").epoch;
        let request = kafka::BrokerHeartbeatRequest::default()
            .with_broker_id(kafka::BrokerId(broker))
            .with_broker_epoch(epoch.0)
            .with_current_metadata_offset(self.end_offset().0 as i64 - 1)
            .with_want_shut_down(want_shut_down);
        match self.ask(RequestBody::BrokerHeartbeat(Box::new(request))) {
            ResponseBody::BrokerHeartbeat(response) => *response,
            other => panic!("{other:?}"),
        }
    }

    /// Kafka's defaults, with brokers 1 to `count` that may lead.
    pub(super) fn with_brokers(count: i32) -> Self {
        Self::with_brokers_and(count, Self::config())
    }

    pub(super) fn config() -> ControllerConfig {
        ControllerConfig::new(BrokerId(101), "lab")
    }

    pub(super) fn with_brokers_and(count: i32, config: ControllerConfig) -> Self {
        let mut lab = Self::new(config);
        lab.commit();
        for broker in 1..=count {
            lab.register(broker, broker as u128, -1).expect("nobody else has that id");
            assert!(!lab.heartbeat(broker, false).is_fenced);
        }
        lab
    }

    pub(super) fn create_topic(&mut self, name: &'static str, replicas: &[i32]) {
        let ids = replicas.iter().copied().map(kafka::BrokerId).collect();
        let assignment = CreatableReplicaAssignment::default().with_broker_ids(ids);
        let topic = CreatableTopic::default()
            .with_name(kafka::TopicName(StrBytes::from_static_str(name)))
            .with_num_partitions(-1)
            .with_replication_factor(-1)
            .with_assignments(vec![assignment]);
        let request = kafka::CreateTopicsRequest::default().with_topics(vec![topic]);
        self.send(RequestBody::CreateTopics(Box::new(request)));
    }

    pub(super) fn partition(&self, topic: &str) -> &PartitionRegistration {
        let image = self.controller.image();
        let id = image.topic_id(topic).expect("it was created");
        image.partition(id, PartitionIndex(0)).expect("it has a partition")
    }

    pub(super) fn wait(&mut self, span: Duration) {
        self.now += span;
    }

    pub(super) fn kinds(&mut self) -> Vec<FactKind> {
        std::mem::take(&mut self.facts).iter().map(Fact::kind).collect()
    }

    /// Sets one configuration; what is answered.
    pub(super) fn set_config(
        &mut self,
        kind: ResourceType,
        name: &'static str,
        key: &'static str,
        value: Option<&'static str>,
    ) -> Result<(), String> {
        let config = AlterableConfig::default()
            .with_name(StrBytes::from_static_str(key))
            .with_config_operation(i8::from(value.is_none()))
            .with_value(value.map(StrBytes::from_static_str));
        let resource = AlterConfigsResource::default()
            .with_resource_type(kind.to_wire())
            .with_resource_name(StrBytes::from_static_str(name))
            .with_configs(vec![config]);
        let request =
            kafka::IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        match self.ask(RequestBody::IncrementalAlterConfigs(Box::new(request))) {
            ResponseBody::IncrementalAlterConfigs(response) => {
                let result = &response.responses[0];
                let message = result.error_message.as_deref().unwrap_or_default();
                if result.error_code == 0 { Ok(()) } else { Err(message.to_owned()) }
            }
            other => panic!("{other:?}"),
        }
    }
}
