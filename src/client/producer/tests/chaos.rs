//! Many random histories against a log that checks sequences as a broker does: whatever goes wrong,
//! every record has one outcome, and with idempotence one place.

use std::collections::BTreeMap;

use super::*;
use crate::protocol::{Batch, ProducePartition};
use crate::sim::rng::Stream;

/// One partition as all its leaders have it.
#[derive(Default)]
struct Log {
    values: Vec<String>,
    /// By producer id: epoch, and sequences and base offsets of the last five batches.
    producers: BTreeMap<i64, (i16, Vec<Known>)>,
}

/// First and last sequence of a batch, and the offset of its first record.
type Known = (i32, i32, u64);

impl Log {
    /// What a leader does with a batch: the offset of its first record, or an error.
    fn append(&mut self, batch: &Batch) -> Result<u64, ErrorCode> {
        let base = self.values.len() as u64;
        if let Some(id) = batch.producer_id() {
            let (epoch, first) = (batch.producer_epoch().0, batch.base_sequence().expect("set"));
            let last = batch.last_sequence().expect("set");
            let state = self.producers.entry(id.0).or_insert((epoch, Vec::new()));
            if epoch < state.0 {
                return Err(ErrorCode::InvalidProducerEpoch);
            }
            if epoch > state.0 {
                if first != 0 {
                    return Err(ErrorCode::OutOfOrderSequenceNumber);
                }
                *state = (epoch, Vec::new());
            }
            if let Some(known) = state.1.iter().find(|known| (known.0, known.1) == (first, last)) {
                return Ok(known.2);
            }
            // A real broker takes any sequence from a producer that it does not know.
            let expected = state.1.last().map_or(0, |known| known.1 + 1);
            if first != expected {
                return Err(ErrorCode::OutOfOrderSequenceNumber);
            }
            state.1.push((first, last, base));
            if state.1.len() > 5 {
                state.1.remove(0);
            }
        }
        for record in batch {
            let value = record.expect("valid").value.expect("a value").to_vec();
            self.values.push(String::from_utf8(value).expect("text"));
        }
        Ok(base)
    }
}

struct Chaos {
    lab: Lab<Producer>,
    logs: Vec<Log>,
    chance: Stream,
    /// Some batches are refused for good.
    refuses: bool,
}

impl Chaos {
    /// Answers the oldest Produce request of a random connection, or lets something go wrong.
    fn answer_one(&mut self, harm: bool) {
        let waiting = self.lab.waiting(crate::protocol::Api::Produce);
        if waiting.is_empty() {
            return;
        }
        let broker = waiting[self.chance.below(waiting.len() as u64) as usize];
        let nth = waiting.iter().position(|other| *other == broker).expect("just chosen");
        let (index, request) = self.lab.nth_produce(nth);
        let what = if harm { self.chance.below(20) } else { 99 };
        if what == 0 {
            return self.lab.reset(broker);
        }
        let answers: Vec<_> = request
            .partitions
            .iter()
            .map(|asked| self.answer_partition(asked, broker, what))
            .collect();
        if what == 1 {
            // It was appended, but nobody hears of it.
            return self.lab.reset(broker);
        }
        let response =
            ProduceResponse { partitions: answers.into_iter().collect(), ..Default::default() };
        self.lab.answer_at(index, ResponseBody::Produce(response));
    }

    fn answer_partition(
        &mut self,
        asked: &ProducePartition,
        broker: i32,
        what: u64,
    ) -> ProducePartitionResponse {
        let partition = asked.partition.0 as usize;
        let leader = self.lab.cluster.topics["kq"].leaders[partition];
        let log = &mut self.logs[partition];
        let result = match what {
            _ if leader.0 != broker => Err(ErrorCode::NotLeaderOrFollower),
            2 => Err(ErrorCode::NotEnoughReplicas),
            3 => log.append(&asked.records[0]).and(Err(ErrorCode::NotEnoughReplicasAfterAppend)),
            4 => log.append(&asked.records[0]).and(Err(ErrorCode::RequestTimedOut)),
            5 => Err(ErrorCode::CorruptMessage),
            // A batch that is refused for good raises the epoch, and what is in flight then may be
            // written twice: in Kafka too. The histories that must not repeat do without.
            6 if self.refuses => Err(ErrorCode::InvalidRecord),
            _ => log.append(&asked.records[0]),
        };
        let names_leader = result == Err(ErrorCode::NotLeaderOrFollower) && what.is_multiple_of(2);
        ProducePartitionResponse {
            topic: asked.topic.clone(),
            partition: asked.partition,
            error: result.err().unwrap_or_default(),
            base_offset: result.ok().map(Offset),
            log_append_time: None,
            log_start_offset: Some(Offset(0)),
            error_message: None,
            current_leader: names_leader.then_some((BrokerId(leader.0), LeaderEpoch(leader.1))),
        }
    }
}

/// Runs one random history; the values of each partition's log, and the producer's bench.
fn run(seed: u64, settings: &[(&str, &str)], refuses: bool) -> Chaos {
    let mut chance = Stream::new(seed, "chaos");
    let cluster = Cardboard::of(3).topic("kq", &[1, 2, 3]);
    let lab = lab_of(cluster, settings, |spec| {
        spec.application.keys = Keys::Cycle(vec!["a".into(), "b".into(), "c".into()]);
    });
    let records = 40 + chance.below(60);
    let logs = (0..3).map(|_| Log::default()).collect();
    let mut chaos = Chaos { lab, logs, chance, refuses };
    let mut sent = 0;
    while sent < records {
        match chaos.chance.below(10) {
            0..4 => {
                let partition = chaos.chance.below(3) as i32;
                chaos.lab.send_to(Some(partition), None, &format!("{sent}"));
                sent += 1;
            }
            4..8 => chaos.answer_one(true),
            8 => {
                let partition = chaos.chance.below(3) as usize;
                let leader = 1 + chaos.chance.below(3) as i32;
                if chaos.chance.below(5) == 0 {
                    chaos.lab.cluster.elect("kq", partition, leader);
                }
            }
            _ => {
                let span = chaos.chance.below(200);
                chaos.lab.run_ms(span);
            }
        }
    }
    for _ in 0..2_000 {
        chaos.answer_one(false);
        chaos.lab.run_ms(10);
    }
    chaos
}

/// The numbers of the records that were acknowledged, with partition and offset.
fn acked(lab: &Lab<Producer>) -> Vec<(usize, u64, Option<Offset>)> {
    lab.told(|fact| match fact {
        Fact::RecordAcked { tp, number, offset, .. } => {
            Some((tp.partition.0 as usize, *number, *offset))
        }
        _ => None,
    })
}

#[test]
fn with_idempotence_what_is_acknowledged_is_there_once_and_in_order() {
    for seed in 0..300 {
        let chaos = run(seed, &[], false);
        chaos.lab.check_outcomes();
        assert_eq!(chaos.lab.client.stats().failed, 0, "seed {seed}");
        let (_, epoch) = chaos.lab.client.identity().expect("idempotent");
        assert_eq!(epoch, ProducerEpoch(0), "seed {seed}: nothing called for another epoch");
        for (partition, number, offset) in acked(&chaos.lab) {
            let values = &chaos.logs[partition].values;
            if let Some(offset) = offset {
                assert_eq!(values[offset.0 as usize], number.to_string(), "seed {seed}");
            }
            let copies = values.iter().filter(|value| **value == number.to_string()).count();
            assert_eq!(copies, 1, "seed {seed}: record {number} in {values:?}");
        }
        for log in &chaos.logs {
            let numbers: Vec<u64> =
                log.values.iter().map(|value| value.parse().expect("a number")).collect();
            assert!(numbers.is_sorted(), "seed {seed}: {numbers:?}");
        }
    }
}

#[test]
fn without_idempotence_every_record_has_one_outcome_and_some_have_two_places() {
    let (mut twice, mut turned) = (false, false);
    for seed in 0..100 {
        let chaos = run(seed, &[("enable.idempotence", "false")], true);
        chaos.lab.check_outcomes();
        for (partition, number, offset) in acked(&chaos.lab) {
            let offset = offset.expect("acks=all").0 as usize;
            assert_eq!(chaos.logs[partition].values[offset], number.to_string(), "seed {seed}");
        }
        for log in &chaos.logs {
            let numbers: Vec<u64> =
                log.values.iter().map(|value| value.parse().expect("a number")).collect();
            let unique: std::collections::BTreeSet<_> = numbers.iter().collect();
            twice |= unique.len() < numbers.len();
            turned |= !numbers.is_sorted();
        }
    }
    assert!(twice && turned, "that is what idempotence is for");
}

#[test]
fn a_history_repeats() {
    for seed in 0..5 {
        let (one, two) = (run(seed, &[], true), run(seed, &[], true));
        assert_eq!(one.lab.facts, two.lab.facts);
    }
}
