//! A producer on the bench: what it sends, and what becomes of it, as text.

mod application;
mod batching;
mod chaos;
mod delivery;
mod kq;
mod ordering;
mod sarama;

use std::fmt::Write as _;

use super::*;
use crate::client::testing::{self, Cardboard, Lab};
use crate::config::{Domain, Overrides, ProducerConfig};
use crate::fact::Fact;
use crate::ids::{LeaderEpoch, Offset, PartitionIndex};
use crate::protocol::{
    Endpoint, ProducePartitionResponse, ProduceRequest, ProduceResponse, RequestBody, ResponseBody,
};

impl testing::Client for Producer {
    fn handle(&mut self, input: Input, out: &mut Outbox) {
        Self::handle(self, input, out);
    }
}

fn config(settings: &[(&str, &str)]) -> ProducerConfig {
    let mut overrides = Overrides::default();
    for (name, text) in settings {
        overrides.set(Domain::Producer, name, text).expect("a setting");
    }
    ProducerConfig::new(&overrides).expect("settings that go together")
}

fn lab_of(
    cluster: Cardboard,
    settings: &[(&str, &str)],
    change: impl FnOnce(&mut ProducerSpec),
) -> Lab<Producer> {
    let application = ApplicationSpec::new("kq");
    let mut spec = ProducerSpec::new(vec![BrokerId(1)], config(settings), application);
    change(&mut spec);
    let mut lab = Lab::new(cluster, |out| Producer::boot(&spec, &"web".into(), 1, 7, out));
    lab.run_ms(1_000);
    lab
}

fn lab(leaders: &[i32], settings: &[(&str, &str)]) -> Lab<Producer> {
    lab_of(Cardboard::of(3).topic("kq", leaders), settings, |_| {})
}

impl Lab<Producer> {
    fn send_to(&mut self, partition: Option<i32>, key: Option<&'static str>, value: &str) {
        self.give(Input::Instruction(Instruction::Produce {
            topic: "kq".into(),
            partition: partition.map(PartitionIndex),
            key: key.map(|key| key.as_bytes().into()),
            value: value.as_bytes().to_vec().into(),
        }));
    }

    fn send(&mut self, value: &str) {
        self.send_to(Some(0), None, value);
    }

    /// The unanswered Produce requests, a line each.
    fn requests(&self) -> String {
        let mut text = String::new();
        for asked in &self.unanswered {
            if let RequestBody::Produce(request) = &asked.request.body {
                writeln!(text, "broker {}: {}", asked.broker, show(request)).expect("a string");
            }
        }
        text
    }

    /// Sends `count` records that each make a batch and a request of their own.
    fn send_apart(&mut self, values: &[&str]) {
        for value in values {
            self.send(value);
            self.run_ms(6);
        }
    }

    fn nth_produce(&self, nth: usize) -> (usize, ProduceRequest) {
        let mut produce = self.unanswered.iter().enumerate().filter_map(|(index, asked)| {
            let RequestBody::Produce(request) = &asked.request.body else { return None };
            Some((index, request.clone()))
        });
        produce.nth(nth).expect("so many Produce requests wait")
    }

    /// Answers the `nth` Produce request that waits.
    fn reply(&mut self, nth: usize, error: ErrorCode) {
        self.reply_naming(nth, error, None);
    }

    fn reply_naming(&mut self, nth: usize, error: ErrorCode, leader: Option<(i32, i32)>) {
        let (index, request) = self.nth_produce(nth);
        let partition = |asked: &crate::protocol::ProducePartition| ProducePartitionResponse {
            topic: asked.topic.clone(),
            partition: asked.partition,
            error,
            base_offset: error.is_none().then_some(Offset(100)),
            log_append_time: None,
            log_start_offset: error.is_none().then_some(Offset(0)),
            error_message: None,
            current_leader: leader.map(|(id, epoch)| (BrokerId(id), LeaderEpoch(epoch))),
        };
        let endpoint = |(id, _)| Endpoint {
            broker: BrokerId(id),
            host: "localhost".into(),
            port: 9092,
            rack: None,
        };
        let response = ProduceResponse {
            partitions: request.partitions.iter().map(partition).collect(),
            endpoints: leader.map(endpoint).into_iter().collect(),
            ..ProduceResponse::default()
        };
        self.answer_at(index, ResponseBody::Produce(response));
    }

    /// What became of records: `ms number outcome`, a line each.
    fn outcomes(&self) -> String {
        let mut text = String::new();
        for (at, fact) in &self.facts {
            match fact {
                Fact::RecordAcked { tp, number, offset, latency } => {
                    let offset = Offset::to_wire(*offset);
                    writeln!(text, "{at} {tp} #{number} at {offset} after {latency}")
                }
                Fact::RecordFailed { tp, number, error } => {
                    writeln!(text, "{at} {tp} #{number} {error}")
                }
                Fact::BatchRetried { tp, error, records } => {
                    writeln!(text, "{at} {tp} retries {records}: {error}")
                }
                Fact::ProducerIdAssigned { producer_id, producer_epoch } => {
                    writeln!(text, "{at} producer {producer_id}/{producer_epoch}")
                }
                _ => Ok(()),
            }
            .expect("a string");
        }
        text
    }

    /// Every record that was sent has exactly one outcome.
    fn check_outcomes(&self) {
        let number = |fact: &Fact| match fact {
            Fact::RecordAcked { number, .. } | Fact::RecordFailed { number, .. } => Some(*number),
            _ => None,
        };
        let mut done = self.told(number);
        done.sort_unstable();
        let mut sent = self.told(|fact| match fact {
            Fact::RecordSent { number, .. } => Some(*number),
            _ => None,
        });
        sent.sort_unstable();
        assert_eq!(sent, done);
        let stats = self.client.stats();
        assert_eq!(stats.sent, stats.acked + stats.failed);
        assert_eq!(self.client.incomplete_batches(), 0);
    }
}

/// `kq-0[a b] seq 0 of 1000/0`.
fn show(request: &ProduceRequest) -> String {
    let mut text = format!("acks {}", request.acks);
    for partition in &request.partitions {
        let batch = &partition.records[0];
        let values: Vec<_> = batch
            .iter()
            .map(|record| {
                let value = record.expect("valid").value.expect("a value");
                String::from_utf8_lossy(value).into_owned()
            })
            .collect();
        write!(text, " {}[{}]", partition.partition, values.join(" ")).expect("a string");
        if let Some(id) = batch.producer_id() {
            let sequence = batch.base_sequence().expect("with a producer id");
            write!(text, "@{id}/{}:{sequence}", batch.producer_epoch()).expect("a string");
        }
        assert!(batch.is_valid() && batch.crc() == batch.computed_crc());
    }
    text
}
