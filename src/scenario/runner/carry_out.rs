//! From a command to what is done to the cluster.

use std::sync::Arc;

use super::agenda::Item;
use super::expectations::Of;
use super::{Runner, after, cast, undo};
use crate::cluster::{Act, Blueprint, Doomed, ProcessState};
use crate::ids::{Name, Offset, PartitionIndex, TopicPartition};
use crate::node::{AdminRequest, ConfigResource, Instruction as Told, SeekTo};
use crate::scenario::language::{
    self as language, Command, Expr, Function, Instruction, Link, NewTopic, ProduceTo, Rate, Value,
    select,
};
use crate::scenario::model;
use crate::sim::{Duration, NodeId};

/// Nanoseconds in 1,000 seconds.
const KILOSECOND: u128 = 1_000_000_000_000;

/// A rate as clients take it.
pub(super) fn per_kilosecond(rate: Rate) -> u64 {
    let per = u128::from(rate.per.as_nanos().max(1));
    u64::try_from(u128::from(rate.count) * KILOSECOND / per).unwrap_or(u64::MAX)
}

/// What a command comes to.
#[derive(Default)]
struct Plan {
    acts: Vec<Act>,
    /// What follows a moment later.
    then: Vec<Act>,
    /// What a name for the step stands for.
    subject: Vec<Value>,
}

impl Plan {
    fn of(acts: impl IntoIterator<Item = Act>) -> Self {
        Self { acts: acts.into_iter().collect(), ..Self::default() }
    }
}

/// Why a command cannot be carried out.
type Refusal = String;

impl Runner {
    /// Does what is on the agenda; the step of the scenario, if it is one.
    pub(super) fn carry_out_item(&mut self, item: Item) -> Option<usize> {
        match item {
            Item::StartServers => {
                let cause = 0;
                let servers = self.cluster.nodes().filter(|node| {
                    matches!(self.cluster.blueprint(*node), Blueprint::Server(_))
                        || *node == self.cast.admin
                });
                for node in servers.collect::<Vec<_>>() {
                    self.cluster.act(Act::Start(node), cause);
                }
            }
            Item::Ask(index) => self.ask(index),
            Item::Step(index) => {
                let scenario = Arc::clone(&self.scenario);
                let step = &scenario.steps[index];
                let subjects: Vec<_> = step.instructions.iter().map(|one| self.obey(one)).collect();
                if let Some(label) = &step.label {
                    let named = step.instructions.iter().zip(subjects);
                    let subject = named
                        .filter_map(|(instruction, subject)| Some((instruction.subject?, subject)))
                        .map(|(of, subject)| {
                            let first = subject.first().cloned().unwrap_or(Value::None);
                            if of.list { Value::List(subject) } else { first }
                        })
                        .next();
                    self.labels.insert(label.clone(), subject.unwrap_or(Value::None));
                }
                self.watch(&step.expect, self.now(), Of::Step(index));
                self.arm(index + 1);
                self.tell(index);
                return Some(index);
            }
            Item::Line(instruction) => {
                self.obey(&instruction);
            }
            Item::Act(act, cause) => self.cluster.act(act, cause),
            Item::Judge(index) => self.judge(index),
            Item::Answer(index) => self.answer(index),
            Item::Measure => self.measure(),
        }
        None
    }

    /// Carries out one command. Returns what it acted on.
    fn obey(&mut self, instruction: &Instruction) -> Vec<Value> {
        if let Command::Break(condition) = &instruction.command {
            self.breaks.push(condition.clone());
            return Vec::new();
        }
        let plan = self.plan_of(&instruction.command);
        let line = instruction.line.clone();
        let plan = match plan {
            Ok(plan) => plan,
            Err(problem) => {
                self.cluster.command(self.cast.admin, line.clone());
                self.cluster.refuse(self.cast.admin, line, problem.into());
                return Vec::new();
            }
        };
        let node = plan.acts.first().map_or(self.cast.admin, Act::node);
        let cause = self.cluster.command(node, line);
        for act in &plan.acts {
            self.agenda.forget(act);
            if let Some(lasting) = instruction.lasting
                && let Some(end) = undo::of(act)
            {
                self.agenda.add(self.now() + lasting, Item::Act(end, cause));
            }
            self.cluster.act(act.clone(), cause);
        }
        for act in plan.then {
            self.agenda.add(after(self.now()), Item::Act(act, cause));
        }
        self.names.follow(&instruction.command);
        plan.subject
    }

    fn plan_of(&mut self, command: &Command) -> Result<Plan, Refusal> {
        match command {
            Command::Kill(of) => {
                self.each(of, "does not run", |state| state != ProcessState::Down, Act::Kill)
            }
            Command::Stop(of) => self.each(
                of,
                "does not run, or is paused",
                |state| matches!(state, ProcessState::Up),
                Act::Stop,
            ),
            Command::Start(of) => {
                let of: Vec<_> = of.iter().map(|one| self.to_start(one)).collect();
                self.each(&of, "runs already", |state| state == ProcessState::Down, Act::Start)
            }
            Command::PowerOff(of) => self.each(of, "", |_| true, Act::PowerOff),
            Command::Wipe(of) => {
                let mut plan = self.each(of, "", |_| true, Act::Wipe)?;
                let alive = |act: &Act| self.cluster.state(act.node()) != ProcessState::Down;
                let kills: Vec<_> = plan
                    .acts
                    .iter()
                    .filter(|act| alive(act))
                    .map(|act| Act::Kill(act.node()))
                    .collect();
                plan.acts.splice(0..0, kills);
                Ok(plan)
            }
            Command::Pause(of) => {
                self.each(of, "does not run", |state| state == ProcessState::Up, Act::Pause)
            }
            Command::Resume(of) => {
                self.each(of, "is not paused", |state| state == ProcessState::Paused, Act::Resume)
            }
            Command::Remove(of) => {
                let of = std::slice::from_ref(of);
                self.each(of, "does not run", |state| state == ProcessState::Up, Act::Stop)
            }
            Command::AddBroker => self.add_broker(),
            Command::AddConsumer { group } => self.add_consumer(group),
            Command::SlowDisk { of, factor } => {
                self.each(of, "", |_| true, |node| Act::SlowDisk(node, *factor))
            }
            Command::SlowCpu { of, factor } => {
                self.each(of, "", |_| true, |node| Act::SlowCpu(node, *factor))
            }
            Command::Partition(link) | Command::Hold(link) => self.over(link, Act::Cut),
            Command::Reset(link) => self.over(link, Act::Reset),
            Command::Delay { link, by } => self.over(link, |from, to| Act::Delay(from, to, *by)),
            Command::DropNext { message, link } => self.over(link, |from, to| {
                let (api, response) = (message.api, message.response);
                Act::DropNext(Doomed { from, to, api, response })
            }),
            Command::Heal(link) => self.heal(link.as_ref(), true),
            Command::Release(link) => self.heal(Some(link), false),
            Command::Produce { value, key, to } => Ok(self.produce(value, key.as_ref(), to)),
            Command::Rate { producer, rate } => {
                let told = Told::Rate { per_kilosecond: per_kilosecond(*rate) };
                let of = std::slice::from_ref(producer);
                let up = |state| state == ProcessState::Up;
                self.each(of, "does not run", up, |node| Act::Tell(node, told.clone()))
            }
            Command::Seek { who, partition, to } => self.seek(who, partition, *to),
            Command::SetLevel { .. } => {
                Err("levels cannot be changed while a cluster runs yet".to_owned())
            }
            Command::Foreign(_)
            | Command::Break(_)
            | Command::Goto(_)
            | Command::Step(_)
            | Command::Save(_) => Err("this is for those who look on".to_owned()),
            _ => Ok(Plan::of([Act::Tell(self.cast.admin, Told::Admin(self.request(command)))])),
        }
    }

    /// What an administrator asks for.
    fn request(&self, command: &Command) -> AdminRequest {
        let alter =
            |resource, name: String, key: &Name, value: &Option<Name>| AdminRequest::AlterConfig {
                resource,
                name: name.into(),
                key: key.clone(),
                value: value.clone(),
            };
        match command {
            Command::AddPartitions { topic, count } => AdminRequest::CreatePartitions {
                topic: topic.clone(),
                count: self.lens().topics().get(topic).copied().unwrap_or(0) + count,
            },
            Command::SetTopic { topic, name, value } => {
                alter(ConfigResource::Topic, topic.to_string(), name, value)
            }
            Command::SetBroker { broker, name, value } => {
                let broker = broker.map_or_else(String::new, |broker| broker.to_string());
                alter(ConfigResource::Broker, broker, name, value)
            }
            Command::SetGroup { group, name, value } => {
                alter(ConfigResource::Group, group.to_string(), name, value)
            }
            Command::CreateTopic(topic) => create_topic(topic),
            Command::DeleteTopic { topic } => AdminRequest::DeleteTopic { topic: topic.clone() },
            Command::Elect { partition, unclean } => AdminRequest::ElectLeaders {
                unclean: *unclean,
                partitions: vec![partition.clone()],
            },
            Command::Reassign { partition, to } => {
                AdminRequest::Reassign { tp: partition.clone(), replicas: Some(to.clone()) }
            }
            other => unreachable!("{other:?} is not asked of an administrator"),
        }
    }

    /// Who is meant by somebody to start: by `controller` the one that does not run, if it is just one.
    fn to_start(&self, target: &Expr) -> Expr {
        if *target != Expr::Call(Function::Controller, Vec::new()) {
            return target.clone();
        }
        let eyes = self.eyes();
        let servers = self.scenario.cluster.controllers.iter();
        let mut down = servers.filter_map(|id| {
            let node = eyes.lens.node_of(*id)?;
            (self.cluster.state(node) == ProcessState::Down).then(|| eyes.controller_called(*id))
        });
        match (down.next(), down.next()) {
            (Some(only), None) => Expr::Value(only),
            _ => target.clone(),
        }
    }

    /// The processes of a selection, with the values that name them.
    fn selected(&self, targets: &[Expr]) -> Result<Vec<(Value, NodeId)>, Refusal> {
        let eyes = self.eyes();
        let values = select(targets, &eyes);
        let nodes: Vec<_> = values
            .into_iter()
            .filter_map(|value| eyes.node(&value).map(|node| (value, node)))
            .collect();
        if nodes.is_empty() { Err("nobody is meant now".to_owned()) } else { Ok(nodes) }
    }

    /// Does the same to each process of a selection whose state allows it.
    fn each(
        &self,
        targets: &[Expr],
        otherwise: &str,
        allowed: impl Fn(ProcessState) -> bool,
        act: impl Fn(NodeId) -> Act,
    ) -> Result<Plan, Refusal> {
        let selected = self.selected(targets)?;
        let (can, cannot): (Vec<_>, Vec<_>) =
            selected.into_iter().partition(|(_, node)| allowed(self.cluster.state(*node)));
        if can.is_empty() {
            let names: Vec<_> =
                cannot.iter().map(|(_, node)| self.cluster.name(*node).to_string()).collect();
            return Err(format!("{} {otherwise}", names.join(", ")));
        }
        let (subject, nodes): (Vec<_>, Vec<_>) = can.into_iter().unzip();
        Ok(Plan { acts: nodes.into_iter().map(act).collect(), subject, ..Plan::default() })
    }

    /// Does something to each way from one side to the other.
    fn over(&self, link: &Link, act: impl Fn(NodeId, NodeId) -> Act) -> Result<Plan, Refusal> {
        let (from, to) = (self.selected(&link.from)?, self.selected(&link.to)?);
        let mut acts = Vec::new();
        for (_, from) in &from {
            for (_, to) in to.iter().filter(|(_, to)| to != from) {
                acts.push(act(*from, *to));
                if link.both_ways {
                    acts.push(act(*to, *from));
                }
            }
        }
        if acts.is_empty() {
            return Err("both sides are the same process".to_owned());
        }
        let subject = from.into_iter().map(|(value, _)| value).collect();
        Ok(Plan { acts, subject, ..Plan::default() })
    }

    /// Undoes cuts, and delays if so wanted; everywhere if no link is given.
    fn heal(&self, link: Option<&Link>, delays: bool) -> Result<Plan, Refusal> {
        let wanted: Option<Vec<(NodeId, NodeId)>> = match link {
            None => None,
            Some(link) => {
                let plan = self.over(link, Act::Heal)?;
                Some(plan.acts.iter().filter_map(Act::way).collect())
            }
        };
        let mut plan = Plan::default();
        for fault in self.cluster.network().faults() {
            let way = (fault.from, fault.to);
            if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&way)) {
                continue;
            }
            plan.acts.extend((0..fault.cuts).map(|_| Act::Heal(way.0, way.1)));
            if delays && !fault.delay.is_zero() {
                plan.acts.push(Act::Delay(way.0, way.1, Duration::ZERO));
            }
        }
        if plan.acts.is_empty() {
            return Err("nothing is cut, held or delayed there".to_owned());
        }
        Ok(plan)
    }

    fn produce(&mut self, value: &Name, key: Option<&Name>, to: &ProduceTo) -> Plan {
        let (topic, partition) = match to {
            ProduceTo::Topic(topic) => (topic.clone(), None),
            ProduceTo::Partition(TopicPartition { topic, partition }) => {
                (topic.clone(), Some(PartitionIndex(partition.0)))
            }
        };
        let told = Told::Produce {
            topic: topic.clone(),
            partition,
            key: key.map(|key| key.as_bytes().to_vec().into()),
            value: value.as_bytes().to_vec().into(),
        };
        let is_up = |node: &NodeId| self.cluster.state(*node) == ProcessState::Up;
        let mut senders = self.scenario.producers.iter().filter(|one| one.topics.contains(&topic));
        let sender = senders.find_map(|one| Some(self.cast.producers[&one.name]).filter(is_up));
        if let Some(node) = sender {
            return Plan::of([Act::Tell(node, told)]);
        }
        // Nobody sends there: somebody at a console does.
        let node = self.cluster.find(cast::CONSOLE).unwrap_or_else(|| {
            let blueprint = cast::console_producer(&self.scenario, topic);
            self.cluster.add(cast::CONSOLE, blueprint)
        });
        match self.cluster.state(node) {
            ProcessState::Up => Plan::of([Act::Tell(node, told)]),
            _ => Plan { then: vec![Act::Tell(node, told)], ..Plan::of([Act::Start(node)]) },
        }
    }

    /// A consumer that owns the partition moves; if nobody does, the committed offset is altered.
    fn seek(
        &self,
        who: &Expr,
        partition: &TopicPartition,
        to: language::SeekTo,
    ) -> Result<Plan, Refusal> {
        let eyes = self.eyes();
        let to = match to {
            language::SeekTo::Earliest => SeekTo::Earliest,
            language::SeekTo::Latest => SeekTo::Latest,
            language::SeekTo::Offset(offset) => SeekTo::Offset(Offset(offset)),
        };
        let told = Told::Seek { tp: partition.clone(), to };
        let owns = |node: NodeId| {
            let view = self.lens().consumer(node);
            view.is_some_and(|view| view.owned.contains_key(partition))
        };
        match who.value(&eyes) {
            Value::Group(group) => {
                let owner = self.cast.consumers_of(&group).find(|(_, node)| owns(*node));
                let act = if let Some((_, node)) = owner {
                    Act::Tell(node, told)
                } else {
                    let tp = partition.clone();
                    let request = AdminRequest::AlterOffset { group, tp, to };
                    Act::Tell(self.cast.admin, Told::Admin(request))
                };
                Ok(Plan::of([act]))
            }
            consumer => match eyes.node(&consumer) {
                Some(node) if owns(node) => Ok(Plan::of([Act::Tell(node, told)])),
                _ => Err(format!("{consumer} does not own {partition}")),
            },
        }
    }

    fn add_broker(&mut self) -> Result<Plan, Refusal> {
        let id = self.names.next_broker();
        if self.cluster.server(id).is_some() {
            return Err(format!("the id {id} is a controller's"));
        }
        let cluster = &self.scenario.cluster;
        let broker = model::Broker {
            id,
            rack: None,
            overrides: cluster.overrides.clone(),
            config: cluster.config.clone(),
            levels: self.scenario.levels.clone(),
        };
        let node = self.cast.add_broker(&mut self.cluster, &self.scenario, &broker);
        let subject = vec![Value::Broker(id)];
        Ok(Plan { subject, ..Plan::of([Act::Start(node)]) })
    }

    fn add_consumer(&mut self, group: &Name) -> Result<Plan, Refusal> {
        let member = self.names.next_consumer(group);
        let scenario = Arc::clone(&self.scenario);
        let Some(declared) = scenario.groups.iter().find(|one| one.name == *group) else {
            return Err(format!("the group {group} is not in the file"));
        };
        let new = model::Member {
            name: member.clone(),
            member_id: None,
            start: Duration::ZERO,
            process: declared.process,
            overrides: Arc::clone(&declared.overrides),
            config: Arc::clone(&declared.config),
            personality: declared.personality,
        };
        let node = self.cast.add_consumer(&mut self.cluster, &scenario, declared, &new);
        let subject = vec![Value::Consumer { group: group.clone(), member }];
        Ok(Plan { subject, ..Plan::of([Act::Start(node)]) })
    }
}

fn create_topic(topic: &NewTopic) -> AdminRequest {
    AdminRequest::CreateTopic {
        topic: topic.name.clone(),
        partitions: topic.partitions,
        replication_factor: topic.replication_factor.map(|factor| factor as u16),
        replicas: Vec::new(),
        config: topic.config.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    }
}
