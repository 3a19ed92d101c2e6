//! A group coordinator with a log that takes everything at once, and a clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafkascope::coordinator::group::{
    Call, GroupCoordinator, GroupCoordinatorConfig, LoadedContent, LoadedRecord, WriteRecord,
};
use kafkascope::ids::{Name, Offset, Timestamp};
use kafkascope::node::{ConnectionId, Effect, Outbox, ReplyTo, Timer};
use kafkascope::protocol::{Request, RequestBody, ResponseBody};
use kafkascope::sim::rng::Stream;
use kafkascope::sim::{Duration, Instant};

/// The coordinator and all that it talks to.
pub struct Driver {
    /// The coordinator.
    pub coordinator: GroupCoordinator,
    /// The time.
    pub now: Instant,
    /// Answers since they were last taken, with where they went.
    pub answers: Vec<(ReplyTo, ResponseBody)>,
    /// Records since they were last taken.
    pub written: Vec<WriteRecord>,
    /// What each partition's log holds.
    logs: BTreeMap<i32, Vec<WriteRecord>>,
    timers: BTreeMap<Timer, (Instant, u64)>,
    set: u64,
    correlation_id: i32,
    out: Outbox,
}

impl Driver {
    /// A coordinator that leads all partitions of the offsets topic.
    pub fn new(config: GroupCoordinatorConfig, seed: u64) -> Self {
        let partitions = config.offsets_topic_num_partitions;
        let coordinator = GroupCoordinator::new(config, Stream::new(seed, "coordinator"));
        let mut driver = Self {
            coordinator,
            now: Instant::ZERO,
            answers: Vec::new(),
            written: Vec::new(),
            logs: BTreeMap::new(),
            timers: BTreeMap::new(),
            set: 0,
            correlation_id: 0,
            out: Outbox::default(),
        };
        for partition in 0..partitions {
            driver.step(|coordinator, out| {
                coordinator.load(partition, 0, [], Offset(0), Offset(0), out);
            });
        }
        driver
    }

    /// One step of the coordinator, and all that follows from it at the same instant.
    fn step(&mut self, act: impl FnOnce(&mut GroupCoordinator, &mut Outbox)) {
        let mut out = std::mem::take(&mut self.out);
        out.begin(self.now, Timestamp(self.now.as_millis() as i64));
        act(&mut self.coordinator, &mut out);
        while let Some(write) = self.coordinator.next_write() {
            let log = self.logs.entry(write.partition).or_default();
            let base_offset = Offset(log.len() as u64);
            log.extend(write.records.iter().cloned());
            self.written.extend(write.records);
            let end = Offset(log.len() as u64);
            assert!(self.coordinator.on_appended(write.partition, base_offset, &mut out));
            self.coordinator.on_high_watermark(write.partition, end, &mut out);
        }
        for effect in out.effects.drain(..) {
            match effect {
                Effect::Reply(to, response) => {
                    self.answers.push((to, response.body.clone()));
                }
                Effect::SetTimer(timer, at, _) => {
                    self.set += 1;
                    self.timers.insert(timer, (at, self.set));
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&timer);
                }
                other => panic!("a coordinator does no {other:?}"),
            }
        }
        self.out = out;
    }

    /// A client asks; the answer goes there.
    pub fn ask(
        &mut self,
        connection: u32,
        client_id: &str,
        api_version: i16,
        body: RequestBody,
    ) -> ReplyTo {
        self.correlation_id += 1;
        let from =
            ReplyTo { connection: ConnectionId(connection), correlation_id: self.correlation_id };
        let request = Arc::new(Request {
            api_version,
            correlation_id: self.correlation_id,
            client_id: client_id.into(),
            body,
        });
        let client_host: Name = "localhost/127.0.0.1".into();
        self.step(|coordinator, out| {
            let call = Call { from, request: &request, client_host: &client_host };
            coordinator.handle(call, &|_, _| true, out);
        });
        from
    }

    /// Lets time pass; what is due happens only then, as with Kafka's mock timer.
    pub fn advance(&mut self, span: Duration, mut fired: impl FnMut(&mut Self, Timer)) {
        self.now += span;
        while let Some(timer) = self.next_due() {
            self.timers.remove(&timer);
            fired(self, timer);
            self.step(|coordinator, out| coordinator.on_timer(timer, out));
        }
    }

    /// The timer that is due, the earliest first.
    fn next_due(&self) -> Option<Timer> {
        let due = self.timers.iter().filter(|(_, (at, _))| *at <= self.now);
        // Kafka sees to its timers in a queue by deadline; of equal ones any may be first.
        due.min_by_key(|(_, at)| **at).map(|(timer, _)| *timer)
    }

    /// The broker is gone, another one takes over: the coordinator is loaded from its logs.
    pub fn fail_over(&mut self) {
        for partition in 0..self.coordinator.config().offsets_topic_num_partitions {
            self.step(|coordinator, out| coordinator.unload(partition, None, out));
        }
        assert!(self.timers.is_empty(), "timers of nobody: {:?}", self.timers);
        assert_eq!(self.coordinator.groups().count(), 0, "groups of nobody");
        for partition in 0..self.coordinator.config().offsets_topic_num_partitions {
            let log = self.logs.get(&partition).cloned().unwrap_or_default();
            let end = Offset(log.len() as u64);
            let records = (0..).zip(log).map(|(offset, record)| LoadedRecord {
                offset: Offset(offset),
                producer: None,
                content: LoadedContent::Data { key: record.key, value: record.value },
            });
            self.step(|coordinator, out| {
                coordinator.load(partition, 1, records, end, end, out);
            });
        }
    }
}
