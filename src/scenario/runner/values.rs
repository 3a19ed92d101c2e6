//! What conditions ask of a run, answered from its picture and from what was counted.

use std::collections::BTreeMap;

use super::cast::Cast;
use super::scores::Scores;
use crate::check::Checker;
use crate::cluster::ProcessState;
use crate::coordinator::group::ClassicMember;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::metadata::PartitionRegistration;
use crate::scenario::language::{Function, Names, Value, Values};
use crate::sim::NodeId;
use crate::view::Lens;

/// A run that can be asked.
#[derive(Clone, Copy)]
pub(super) struct Eyes<'a> {
    pub(super) lens: Lens<'a>,
    pub(super) cast: &'a Cast,
    pub(super) names: &'a Names,
    pub(super) labels: &'a BTreeMap<Name, Value>,
    pub(super) scores: &'a Scores,
    pub(super) checker: Option<&'a Checker>,
}

impl Values for Eyes<'_> {
    fn call(&self, function: Function, arguments: &[Value]) -> Value {
        match arguments {
            [Value::Partition(tp)] => self.of_partition(function, tp),
            [Value::Partition(tp), Value::Broker(broker)] => self.of_replica(function, tp, *broker),
            [Value::Partition(tp), Value::Group(group)] => self.owner(tp, group),
            [Value::Group(group), of @ ..] => self.of_group(function, group, of),
            [Value::Consumer { group, member }, of @ ..] => {
                self.of_consumer(function, group, member, of)
            }
            [Value::Topic(topic)] => {
                number(self.lens.topics().get(topic).copied().unwrap_or(0).into())
            }
            _ => self.of_all(function, arguments),
        }
    }

    fn label(&self, name: &str) -> Value {
        self.labels.get(name).cloned().unwrap_or(Value::None)
    }
}

impl Eyes<'_> {
    /// The process that a value names.
    pub(super) fn node(&self, value: &Value) -> Option<NodeId> {
        match value {
            Value::Broker(id) => self.lens.node_of(*id),
            Value::Controller(number) => {
                self.cast.controllers.get((*number as usize).checked_sub(1)?).copied()
            }
            Value::Producer(name) => self.cast.producers.get(name).copied(),
            Value::Consumer { group, member } => {
                self.cast.consumers.get(&(group.clone(), member.clone())).copied()
            }
            _ => None,
        }
    }

    fn is_alive(&self, node: Option<NodeId>) -> bool {
        let state = node.map(|node| self.lens.process_state(node));
        matches!(state, Some(ProcessState::Up | ProcessState::Paused))
    }

    fn broker_is_alive(&self, broker: BrokerId) -> bool {
        self.is_alive(self.lens.node_of(broker))
    }

    // ---- partitions ----

    fn of_partition(&self, function: Function, tp: &TopicPartition) -> Value {
        let Some(state) = self.lens.registration(tp) else {
            return match function {
                Function::Online | Function::InSync => Value::Bool(false),
                Function::Unavailable => Value::Span(self.scores.unavailable(tp, self.lens.now())),
                _ => Value::None,
            };
        };
        let follows = |id: &&BrokerId| Some(**id) != state.leader;
        match function {
            Function::Leader => state.leader.map_or(Value::None, Value::Broker),
            Function::AnyFollower => {
                let mut followers = state.replicas.iter().filter(follows);
                let live = followers.find(|id| self.broker_is_alive(**id));
                live.map_or(Value::None, |id| Value::Broker(*id))
            }
            Function::Followers => brokers(state.replicas.iter().filter(follows)),
            Function::Replicas => brokers(state.replicas.iter()),
            Function::Isr => brokers(state.isr.iter()),
            Function::Elr => brokers(state.elr().iter()),
            Function::LeaderEpoch => number(state.leader_epoch.0.into()),
            Function::PartitionEpoch => number(state.partition_epoch.0.into()),
            Function::Online => Value::Bool(self.is_online(state)),
            Function::InSync => Value::Bool(state.isr.len() == state.replicas.len()),
            Function::Unavailable => Value::Span(self.scores.unavailable(tp, self.lens.now())),
            Function::Hw
            | Function::Leo
            | Function::LogStart
            | Function::Segments
            | Function::IndexEntries => {
                state.leader.map_or(Value::None, |leader| self.of_replica(function, tp, leader))
            }
            other => unreachable!("{other:?} is not asked of a partition"),
        }
    }

    fn is_online(&self, state: &PartitionRegistration) -> bool {
        state.leader.is_some_and(|leader| self.broker_is_alive(leader))
    }

    fn of_replica(&self, function: Function, tp: &TopicPartition, broker: BrokerId) -> Value {
        if let Function::Segments | Function::IndexEntries = function {
            let Some((segments, entries)) = self.lens.segments(tp, broker) else {
                return Value::None;
            };
            return number(if function == Function::Segments { segments } else { entries } as i64);
        }
        let Some(log) = self.lens.log(tp, broker) else {
            let end = match function {
                Function::Leo => self.lens.log_end_on_disk(tp, broker),
                _ => None,
            };
            return end.map_or(Value::None, |end| number(end.0 as i64));
        };
        number(
            match function {
                Function::Hw => log.high_watermark(),
                Function::Leo => log.log_end_offset(),
                Function::LogStart => log.log_start_offset(),
                other => unreachable!("{other:?} is not asked of a replica"),
            }
            .0 as i64,
        )
    }

    // ---- groups and consumers ----

    fn of_group(&self, function: Function, group: &Name, of: &[Value]) -> Value {
        match function {
            Function::State => match self.lens.group_in_memory(group) {
                Some(found) => state(found.state.name()),
                None => Value::None,
            },
            Function::Generation => match self.lens.group_in_memory(group) {
                Some(found) => number(found.generation.0.into()),
                None => Value::None,
            },
            Function::Rebalances => number(self.scores.rebalances_of(group) as i64),
            Function::Members => match self.lens.group_in_memory(group) {
                Some(found) => {
                    let members = found.members.values();
                    let named = |member: &ClassicMember| {
                        self.member(group, &member.member_id, &member.client_id)
                    };
                    Value::List(members.map(named).collect())
                }
                None => Value::None,
            },
            Function::Coordinator => {
                let coordinator = self.lens.coordinator_of(group);
                let alive = coordinator.filter(|broker| self.broker_is_alive(*broker));
                alive.map_or(Value::None, Value::Broker)
            }
            Function::Lag => self.lag(group, of.first()),
            Function::Committed => match of {
                [Value::Partition(tp)] => {
                    number(self.scores.committed(group, tp).map_or(-1, |offset| offset.0 as i64))
                }
                _ => Value::None,
            },
            Function::Consumed => self.judged(|checker| checker.consumed(group)),
            Function::Duplicated => self.judged(|checker| checker.duplicated(Some(group))),
            Function::Skipped => self.judged(|checker| checker.skipped(group)),
            other => unreachable!("{other:?} is not asked of a group"),
        }
    }

    /// The consumer behind a member of a group, as its coordinator knows it.
    fn member(&self, group: &Name, member_id: &Name, client_id: &Name) -> Value {
        let mut consumers = self.cast.consumers_of(group);
        let by_id = consumers.find(|(_, node)| {
            let consumer = self.lens.running_consumer(*node);
            consumer.is_some_and(|consumer| consumer.member_id() == Some(member_id))
        });
        let by_client =
            || self.cast.consumers_of(group).find(|(_, node)| self.lens.name(*node) == client_id);
        let member = by_id.or_else(by_client).map_or(client_id, |(member, _)| member);
        Value::Consumer { group: group.clone(), member: member.clone() }
    }

    /// Records that are committed to the log and not by the group, over those of its partitions for
    /// which it has committed anything; none if there is no such. As [`Lens::lag_of`], which is why.
    fn lag(&self, group: &Name, of: Option<&Value>) -> Value {
        let partitions = match of {
            Some(Value::Partition(tp)) => vec![tp.clone()],
            Some(Value::Topic(topic)) => self.partitions_of(topic),
            _ => {
                let topics = self.cast.topics_of(group);
                topics.iter().flat_map(|topic| self.partitions_of(topic)).collect()
            }
        };
        let lags = partitions.iter().filter_map(|tp| {
            let read = self.scores.committed(group, tp)?;
            Some(self.high_watermark(tp).saturating_sub(read.0))
        });
        let lag = lags.reduce(|sum, lag| sum + lag);
        lag.map_or(Value::None, |lag| number(lag as i64))
    }

    /// The high watermark of a partition, as far as anybody alive knows.
    fn high_watermark(&self, tp: &TopicPartition) -> u64 {
        let Some(state) = self.lens.registration(tp) else { return 0 };
        let led = state.leader.and_then(|leader| self.lens.log(tp, leader));
        let log = led.or_else(|| {
            let logs = state.replicas.iter().filter_map(|broker| self.lens.log(tp, *broker));
            logs.max_by_key(|log| log.high_watermark())
        });
        log.map_or(0, |log| log.high_watermark().0)
    }

    fn partitions_of(&self, topic: &Name) -> Vec<TopicPartition> {
        let count = self.lens.topics().get(topic).copied().unwrap_or(0);
        (0..count as i32).map(|index| TopicPartition::new(topic.clone(), index)).collect()
    }

    fn owner(&self, tp: &TopicPartition, group: &Name) -> Value {
        let owners = self.cast.consumers_of(group).filter_map(|(member, node)| {
            let view = self.lens.consumer(node)?;
            view.owned.contains_key(tp).then_some((view.generation, member))
        });
        // Who was thrown out and does not know yet counts no more.
        let newest = owners.max_by_key(|(generation, _)| *generation);
        newest.map_or(Value::None, |(_, member)| Value::Consumer {
            group: group.clone(),
            member: member.clone(),
        })
    }

    fn of_consumer(&self, function: Function, group: &Name, member: &Name, of: &[Value]) -> Value {
        let value = Value::Consumer { group: group.clone(), member: member.clone() };
        let node = self.node(&value);
        if function == Function::Alive {
            return Value::Bool(self.is_alive(node));
        }
        let view = node.and_then(|node| self.lens.consumer(node));
        match (function, view, of) {
            (Function::State, view, _) => state(view.map_or("NotRunning", |view| view.state)),
            (Function::Assigned, Some(view), _) => {
                Value::List(view.owned.into_keys().map(Value::Partition).collect())
            }
            (Function::Assigned, None, _) => Value::List(Vec::new()),
            (Function::Position, Some(view), [Value::Partition(tp)]) => {
                let position = view.owned.get(tp).copied().flatten();
                number(position.map_or(-1, |offset| offset.0 as i64))
            }
            (Function::Position, None, _) => number(-1),
            (other, ..) => unreachable!("{other:?} is not asked of a consumer"),
        }
    }

    // ---- the rest ----

    fn of_all(&self, function: Function, arguments: &[Value]) -> Value {
        let scores = self.scores;
        let producer = match arguments.first() {
            Some(Value::Producer(name)) => self.cast.producers.get(name).copied(),
            _ => None,
        };
        match function {
            Function::UnderReplicated => self.count(|state| state.isr.len() < state.replicas.len()),
            Function::Offline => self.count(|state| state.leader.is_none()),
            Function::Controller => self.controller(),
            Function::Brokers => brokers(self.names.brokers.iter()),
            Function::Alive => {
                Value::Bool(arguments.first().is_some_and(|one| self.is_alive(self.node(one))))
            }
            Function::Fenced | Function::State => match arguments {
                [Value::Broker(id)] => match (self.lens.broker(*id), function) {
                    (Some(view), Function::Fenced) => Value::Bool(view.fenced),
                    (Some(view), _) => state(view.state),
                    (None, _) => Value::None,
                },
                _ => Value::None,
            },
            Function::Elections => number(scores.elections as i64),
            Function::UncleanElections => number(scores.unclean_elections as i64),
            Function::UncleanElection => Value::Bool(scores.unclean_elections > 0),
            Function::Sent => number(scores.sent(producer) as i64),
            Function::Acked => number(scores.acked(producer) as i64),
            Function::Failed => number(scores.failed(producer) as i64),
            Function::Errors => {
                let error = arguments.iter().find_map(|argument| match argument {
                    Value::Error(name) => Some(&**name),
                    _ => None,
                });
                number(scores.errors(producer, error) as i64)
            }
            Function::AckedLost => self.judged(|checker| checker.acked_lost(producer)),
            Function::Lost => self.judged(|checker| checker.lost(producer)),
            Function::Duplicated => self.judged(|checker| checker.duplicated(None)),
            other => unreachable!("{other:?} is asked of something"),
        }
    }

    /// What only the ledger knows; 0 where nobody judges.
    fn judged(&self, what: impl Fn(&Checker) -> u64) -> Value {
        number(self.checker.map_or(0, what) as i64)
    }

    fn count(&self, which: impl Fn(&PartitionRegistration) -> bool) -> Value {
        let partitions = self.lens.topic_partitions();
        let states = partitions.iter().filter_map(|tp| self.lens.registration(tp));
        number(states.filter(|state| which(state)).count() as i64)
    }

    fn controller(&self) -> Value {
        self.lens.active_controller().map_or(Value::None, |id| self.controller_called(id))
    }

    /// A controller by its id: a number of its own, unless it is a broker too.
    pub(super) fn controller_called(&self, id: BrokerId) -> Value {
        let node = self.lens.node_of(id);
        let number = self.cast.controllers.iter().position(|one| Some(*one) == node);
        number.map_or(Value::Broker(id), |index| Value::Controller(index as u32 + 1))
    }
}

fn number(value: i64) -> Value {
    Value::Number(value)
}

fn state(word: &str) -> Value {
    Value::State(word.into())
}

fn brokers<'a>(ids: impl Iterator<Item = &'a BrokerId>) -> Value {
    Value::List(ids.map(|id| Value::Broker(*id)).collect())
}
