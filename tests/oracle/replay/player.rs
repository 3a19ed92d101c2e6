//! Plays a script in the simulator, and keeps what came of it.

use std::collections::{BTreeMap, BTreeSet};

use kafkascope::cluster::{Act, Cluster, Node};
use kafkascope::fact::Fact;
use kafkascope::ids::{BrokerId, Offset, TopicPartition};
use kafkascope::node::{Instruction, Interest};
use kafkascope::protocol::{ErrorCode, MetadataRecord};
use kafkascope::replica::Partition;
use kafkascope::sim::{Duration, Instant, NodeId};
use kafkascope::view::{ConsumerView, GroupView, Lens};

use super::cast::{Cast, Member};
use super::recording::{Millis, Recording, Written};
use super::script::{Command, Doing, End};
use super::witness::Witness;

/// What became of the records of a load, in the order in which they were sent.
pub(super) type Outcomes = Vec<Option<Result<u64, ErrorCode>>>;

/// What came of a script.
pub(super) struct Played {
    pub(super) metadata: Vec<Written>,
    pub(super) witness: Witness,
    pub(super) loads: Vec<Outcomes>,
    /// The keys that can be read in the end, by partition and offset.
    pub(super) log: BTreeMap<(i32, u64), String>,
    /// What the members of groups were called back with.
    pub(super) callbacks: Vec<Callback>,
    /// The groups when they had settled, in the order of the recording.
    pub(super) settled: BTreeMap<String, Vec<Settled>>,
    /// What was told, for those who want to know why.
    pub(super) told: Vec<(Instant, String, Fact)>,
}

/// Something that a member was called back with.
#[derive(Clone, Debug)]
pub(super) struct Callback {
    pub(super) group: String,
    pub(super) member: String,
    pub(super) fact: Fact,
}

/// A group when it had settled, and its members as they see themselves.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) group: Option<GroupView>,
    pub(super) coordinator: Option<BrokerId>,
    pub(super) members: BTreeMap<String, ConsumerView>,
}

/// Plays `commands`; nothing if chance puts a group on another coordinator than then, so that what
/// is done to that broker would hit another.
pub(super) fn play(recording: &Recording, cast: Cast, commands: &[Command]) -> Option<Played> {
    let watched = recording.watched();
    let mut player = Player {
        loads: vec![Outcomes::new(); cast.loads.len()],
        cluster: cast.cluster,
        servers: cast.servers,
        admin: cast.admin,
        producers: cast.loads,
        members: cast.members,
        callbacks: Vec::new(),
        settled: BTreeMap::new(),
        cuts: BTreeSet::new(),
        watched,
        witness: Witness::default(),
        told: Vec::new(),
        log: BTreeMap::new(),
    };
    player.cluster.set_interest(Interest::Everything);
    player.act(Act::Start(player.admin));
    for command in commands {
        player.run_until(command.at);
        player.perform(&command.doing);
        if let Doing::Settled(group) = &command.doing
            && let [first] = player.settled[group].as_slice()
            && first.coordinator != recording.groups[group].coordinator()
        {
            return None;
        }
    }
    let end = commands.last().map_or(0, |command| command.at);
    player.run_until(end + 1_000);
    Some(Played {
        metadata: player.metadata(),
        witness: player.witness,
        loads: player.loads,
        log: player.log,
        callbacks: player.callbacks,
        settled: player.settled,
        told: player.told,
    })
}

struct Player {
    cluster: Cluster,
    servers: BTreeMap<BrokerId, NodeId>,
    admin: NodeId,
    producers: Vec<NodeId>,
    members: Vec<Member>,
    callbacks: Vec<Callback>,
    settled: BTreeMap<String, Vec<Settled>>,
    cuts: BTreeSet<(NodeId, NodeId)>,
    watched: BTreeSet<TopicPartition>,
    witness: Witness,
    loads: Vec<Outcomes>,
    told: Vec<(Instant, String, Fact)>,
    log: BTreeMap<(i32, u64), String>,
}

impl Player {
    fn run_until(&mut self, at: Millis) {
        let until = Instant::ZERO + Duration::from_millis(at);
        while self.cluster.next_due().is_some_and(|due| due.at <= until) {
            self.cluster.step();
            self.look();
        }
        self.cluster.run_until(until);
    }

    fn act(&mut self, act: Act) {
        self.cluster.act(act, 0);
        self.look();
    }

    /// Takes note of what was just told.
    fn look(&mut self) {
        let mut who = BTreeSet::new();
        for told in self.cluster.told() {
            who.insert(told.node);
            let load = self.producers.iter().position(|producer| *producer == told.node);
            if let Some(load) = load {
                let outcomes = &mut self.loads[load];
                let mut set = |number: u64, outcome| {
                    let place = number as usize;
                    if outcomes.len() <= place {
                        outcomes.resize(place + 1, None);
                    }
                    outcomes[place] = Some(outcome);
                };
                match &told.fact {
                    Fact::RecordAcked { number, offset, .. } => {
                        set(*number, Ok(offset.map_or(0, |offset| offset.0)));
                    }
                    Fact::RecordFailed { number, error, .. } => set(*number, Err(*error)),
                    _ => {}
                }
            }
            if let Some(member) = self.members.iter().find(|member| member.node == told.node)
                && is_callback(&told.fact)
            {
                self.callbacks.push(Callback {
                    group: member.group.clone(),
                    member: member.name.clone(),
                    fact: told.fact.clone(),
                });
            }
            let name = self.cluster.name(told.node).to_string();
            self.told.push((self.cluster.now(), name, told.fact.clone()));
        }
        for node in who {
            self.witness.ask(&self.cluster, node, &self.watched);
        }
    }

    fn perform(&mut self, doing: &Doing) {
        let server = |id: &BrokerId| self.servers[id];
        match doing {
            Doing::Start(id) => self.act(Act::Start(server(id))),
            Doing::Stop(id) => self.act(Act::Stop(server(id))),
            Doing::Kill(id) => self.act(Act::Kill(server(id))),
            Doing::Pause(id) => self.act(Act::Pause(server(id))),
            Doing::Resume(id) => self.act(Act::Resume(server(id))),
            Doing::Cut(from, to) => {
                for link in self.links(*from, *to) {
                    if self.cuts.insert(link) {
                        self.act(Act::Cut(link.0, link.1));
                    }
                }
            }
            Doing::Heal(from, to) => {
                for link in self.links(*from, *to) {
                    if self.cuts.remove(&link) {
                        self.act(Act::Heal(link.0, link.1));
                    }
                }
            }
            Doing::HealAll => {
                for link in std::mem::take(&mut self.cuts) {
                    self.act(Act::Heal(link.0, link.1));
                }
            }
            Doing::Ask(request) => {
                self.act(Act::Tell(self.admin, Instruction::Admin(request.clone())));
            }
            Doing::Load(load) => self.act(Act::Start(self.producers[*load])),
            Doing::Unload(load) => self.act(Act::Stop(self.producers[*load])),
            Doing::Send { load, topic, partition, key, value } => {
                let send = Instruction::Produce {
                    topic: topic.clone(),
                    partition: Some(*partition),
                    key: Some(key.clone()),
                    value: value.clone(),
                };
                self.act(Act::Tell(self.producers[*load], send));
            }
            Doing::Join(member) => self.act(Act::Start(self.members[*member].node)),
            Doing::Leave(member) => self.act(Act::Stop(self.members[*member].node)),
            Doing::Crash(member) => self.act(Act::Kill(self.members[*member].node)),
            Doing::Tell(member, what) => {
                self.act(Act::Tell(self.members[*member].node, what.clone()));
            }
            Doing::Settled(group) => self.note_settled(group),
            Doing::Look => self.read_logs(),
        }
    }

    fn links(&self, from: End, to: End) -> Vec<(NodeId, NodeId)> {
        let nodes = |end: End| match end {
            End::Server(id) => vec![self.servers[&id]],
            End::Clients => {
                let members = self.members.iter().map(|member| member.node);
                let clients = self.producers.iter().copied().chain(members);
                clients.chain([self.admin]).collect()
            }
        };
        let to = nodes(to);
        nodes(from).into_iter().flat_map(|from| to.iter().map(move |to| (from, *to))).collect()
    }

    fn note_settled(&mut self, group: &str) {
        let lens = Lens::new(&self.cluster);
        let members = self.members.iter().filter(|member| member.group == group);
        let last_generation = |name: &String| {
            let of_member = |one: &&Callback| one.group == group && one.member == *name;
            self.callbacks.iter().rev().filter(of_member).find_map(|one| match one.fact {
                Fact::PartitionsAssigned { generation, .. } => Some(generation),
                _ => None,
            })
        };
        // As `groupMetadata()` says: the one of the last rebalance that was completed.
        let as_it_knows = |(name, view): (String, ConsumerView)| {
            let generation = last_generation(&name);
            (name, ConsumerView { generation, ..view })
        };
        let seen = Settled {
            group: lens.group(group),
            coordinator: lens.coordinator_of(group),
            members: members
                .filter_map(|member| Some((member.name.clone(), lens.consumer(member.node)?)))
                .filter(|(_, view)| view.alive)
                .map(as_it_knows)
                .collect(),
        };
        self.settled.entry(group.to_owned()).or_default().push(seen);
    }

    /// What a consumer could read now: the leaders' logs below their high watermarks.
    fn read_logs(&mut self) {
        if !self.log.is_empty() {
            return;
        }
        for node in self.servers.values() {
            let Some(Node::Server(server)) = self.cluster.node(*node) else { continue };
            let Some(broker) = server.broker() else { continue };
            let mut disk = server.disk().clone();
            for tp in &self.watched {
                let Some(slot) = broker.replicas().slot_named(tp) else { continue };
                let leads = broker.replicas().get(slot).is_some_and(Partition::is_leader);
                let Some(log) = broker.replicas().log(slot).filter(|_| leads) else { continue };
                let end = log.high_watermark();
                let mut at = log.log_start_offset();
                while at < end {
                    let read = log.read(&mut disk, at, 1 << 20, end, true);
                    let records = read.expect("a leader reads its log").records;
                    for record in records.iter().flat_map(|batch| batch.iter()) {
                        let record = record.expect("a batch can be read");
                        let key = record.key.map(|key| String::from_utf8_lossy(key).into_owned());
                        let place = (tp.partition.0, record.offset.0);
                        self.log.insert(place, key.unwrap_or_default());
                    }
                    at = records.last().map_or(end, |batch| batch.next_offset());
                }
            }
        }
    }

    /// The metadata log, as the first controller that runs or ran has it.
    fn metadata(&self) -> Vec<Written> {
        let zero = kafkascope::cluster::ClusterConfig::default().clock;
        for node in self.servers.values() {
            let Some(Node::Server(server)) = self.cluster.node(*node) else { continue };
            if !server.raft().is_leader() {
                continue;
            }
            let mut disk = server.disk().clone();
            let log = server.raft().log();
            let mut written = Vec::new();
            let mut at = Offset(0);
            while at < log.log_end_offset() {
                let read = log.read(&mut disk, at, 1 << 20, log.log_end_offset(), true);
                let batches = read.expect("a log can be read").records;
                for batch in batches.iter().filter(|batch| !batch.is_control()) {
                    for record in batch.iter() {
                        let record = record.expect("a batch can be read");
                        let value = record.value.expect("a record has a value");
                        let (_, record_) = MetadataRecord::decode(value).expect("a record");
                        let at = (record.timestamp.0 - zero.0) as u64;
                        if !matches!(record_, MetadataRecord::NoOp(_)) {
                            written.push(Written { at, record: record_ });
                        }
                    }
                }
                at = batches.last().map_or(log.log_end_offset(), |batch| batch.next_offset());
            }
            return written;
        }
        Vec::new()
    }
}

/// True for what a rebalance listener hears, and for what `poll` throws.
fn is_callback(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::PartitionsAssigned { .. }
            | Fact::PartitionsRevoked { .. }
            | Fact::PartitionsLost { .. }
            | Fact::PollFailed { .. }
    )
}
