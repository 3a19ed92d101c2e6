//! The network: connections that keep order, over links with latency, jitter and bandwidth, and
//! what can go wrong with them.
//!
//! A connection is what TCP gives: packets arrive in the order they were sent, or not at all any
//! more. A cut link holds packets back, as retransmission does, and lets them go when it heals.
//! Requests overtake each other only by other connections.

use std::collections::{BTreeMap, VecDeque};

use super::{Class, CowList, Duration, Instant, rng};

/// A process that can be reached, numbered densely in the order of creation.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct NodeId(pub u32);

/// A direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the one that opened it.
    ToServer,
    /// To the one that opened it.
    ToClient,
}

impl Direction {
    /// The other direction.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }
}

/// What travels on a connection.
#[derive(Clone, Debug)]
pub enum Packet<M> {
    /// A request to open it (SYN), to this port.
    Open(u8),
    /// It is open.
    Accepted,
    /// Nobody listens.
    Refused,
    /// A message.
    Message(M),
    /// The sender closed it.
    Closed,
    /// The sender's operating system knows nothing of it (any more).
    Reset,
}

/// How long things take from one node to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkModel {
    /// One way, for an empty packet.
    pub latency: Duration,
    /// Evenly drawn from zero to this, on top.
    pub jitter: Duration,
    /// Zero for unlimited.
    pub bytes_per_second: u64,
}

impl Default for LinkModel {
    /// Two machines of one data centre: 250 us, 10 Gbit/s.
    fn default() -> Self {
        Self {
            latency: Duration::from_micros(250),
            jitter: Duration::ZERO,
            bytes_per_second: 1_250_000_000,
        }
    }
}

/// What is wrong with the link from one node to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fault {
    /// How many commands hold everything back.
    cuts: u32,
    delay: Duration,
}

/// A link that is cut or delayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultyLink {
    /// The sending node.
    pub from: NodeId,
    /// The receiving node.
    pub to: NodeId,
    /// How many commands hold everything back.
    pub cuts: u32,
    /// What is added to everything that travels.
    pub delay: Duration,
}

/// A packet that a cut holds back.
#[derive(Clone, Debug)]
pub struct Held<M> {
    /// What it is.
    pub packet: Packet<M>,
    /// When it left its sender.
    pub left: Instant,
    /// The event that sent it.
    pub cause: u32,
}

#[derive(Clone, Debug)]
struct Connection<M> {
    client: NodeId,
    server: NodeId,
    /// Its own stream of chance.
    stream: u64,
    open: bool,
    /// No packet of a direction arrives before this.
    fifo: [Instant; 2],
    sent: [u32; 2],
    /// What a sender would have sent after its death never leaves.
    silent_after: [Instant; 2],
    held: [VecDeque<Held<M>>; 2],
}

/// When a packet arrives, and how it is ordered among others of that instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The instant.
    pub at: Instant,
    /// The class of the event.
    pub class: Class,
}

/// All connections and links.
#[derive(Clone, Debug)]
pub struct Network<M> {
    seed: u64,
    model: LinkModel,
    /// Links that differ from `model`, by (from, to).
    models: BTreeMap<(NodeId, NodeId), LinkModel>,
    faults: BTreeMap<(NodeId, NodeId), Fault>,
    connections: CowList<Option<Connection<M>>>,
}

impl<M: Clone> Network<M> {
    /// A network where every link is like `model`.
    pub fn new(seed: u64, model: LinkModel) -> Self {
        Self {
            seed,
            model,
            models: BTreeMap::new(),
            faults: BTreeMap::new(),
            connections: CowList::new(),
        }
    }

    /// Gives the link from `from` to `to` a model of its own.
    pub fn set_model(&mut self, from: NodeId, to: NodeId, model: LinkModel) {
        self.models.insert((from, to), model);
    }

    /// Notes the next connection, not yet open. Connections are numbered from 0; `stream` is what its
    /// jitter is drawn by, so that the connections of others change nothing about it.
    pub fn add(&mut self, client: NodeId, server: NodeId, stream: u64) -> u32 {
        self.connections.push(Some(Connection {
            client,
            server,
            stream,
            open: false,
            fifo: [Instant::ZERO; 2],
            sent: [0; 2],
            silent_after: [Instant::FAR_FUTURE; 2],
            held: [VecDeque::new(), VecDeque::new()],
        }));
        self.connections.len() as u32 - 1
    }

    /// How many connections there have ever been.
    pub fn next_connection(&self) -> u32 {
        self.connections.len() as u32
    }

    /// The ends of a connection, client first; `None` once it is gone.
    pub fn ends(&self, connection: u32) -> Option<(NodeId, NodeId)> {
        let connection = self.connections.get(connection as usize)?.as_ref()?;
        Some((connection.client, connection.server))
    }

    /// True when both sides know of the connection.
    pub fn is_open(&self, connection: u32) -> bool {
        matches!(self.connections.get(connection as usize), Some(Some(found)) if found.open)
    }

    /// Both sides know of the connection from now on.
    pub fn mark_open(&mut self, connection: u32) {
        if let Some(Some(found)) = self.connections.get_mut(connection as usize) {
            found.open = true;
        }
    }

    /// Forgets a connection: what is still on its way is lost.
    pub fn remove(&mut self, connection: u32) {
        if self.ends(connection).is_some() {
            self.connections[connection as usize] = None;
        }
    }

    /// All connections: client, server, and whether both know of it.
    pub fn connections(&self) -> impl Iterator<Item = (NodeId, NodeId, bool)> {
        let known = self.connections.iter().flatten();
        known.map(|connection| (connection.client, connection.server, connection.open))
    }

    /// The connections that `node` has a part in, with the side it is on.
    pub fn connections_of(&self, node: NodeId) -> Vec<(u32, Direction)> {
        let sides = self.connections.iter().enumerate().filter_map(|(id, connection)| {
            let connection = connection.as_ref()?;
            let direction = if connection.client == node {
                Direction::ToServer
            } else if connection.server == node {
                Direction::ToClient
            } else {
                return None;
            };
            Some((id as u32, direction))
        });
        sides.collect()
    }

    /// When a packet of `size` bytes that leaves now arrives; `None` if the connection is gone.
    /// Idle polls take the base latency, so that their cycle has a closed form.
    pub fn transmit(
        &mut self,
        connection: u32,
        direction: Direction,
        left: Instant,
        size: u64,
        idle: bool,
    ) -> Option<Arrival> {
        let seed = self.seed;
        let found = self.connections.get_mut(connection as usize)?.as_mut()?;
        let (from, to) = match direction {
            Direction::ToServer => (found.client, found.server),
            Direction::ToClient => (found.server, found.client),
        };
        let own = if self.models.is_empty() { None } else { self.models.get(&(from, to)) };
        let model = *own.unwrap_or(&self.model);
        let mut travel = model.latency;
        if !idle {
            if !model.jitter.is_zero() {
                let count = (direction as u64) << 32 | found.sent[direction as usize] as u64;
                let draw = rng::counted(seed, found.stream, count);
                travel += Duration::from_nanos(draw % (model.jitter.as_nanos() + 1));
            }
            if let Some(nanos) = (size * 1_000_000_000).checked_div(model.bytes_per_second) {
                travel += Duration::from_nanos(nanos);
            }
        }
        if !self.faults.is_empty()
            && let Some(fault) = self.faults.get(&(from, to))
        {
            travel += fault.delay;
        }
        found.sent[direction as usize] += 1;
        let at = (left + travel).max(found.fifo[direction as usize]);
        found.fifo[direction as usize] = at;
        Some(Arrival {
            at,
            class: if idle { Class::IdlePoll { connection } } else { Class::Event },
        })
    }

    /// Lets a packet through that is due now, unless its link is cut (then it is held back), its
    /// sender died before it left, or its connection is gone.
    pub fn arrive(
        &mut self,
        connection: u32,
        direction: Direction,
        packet: Packet<M>,
        left: Instant,
        cause: u32,
    ) -> Option<Packet<M>> {
        let cut = !self.faults.is_empty() && self.is_cut(connection, direction);
        let found = self.connections.get(connection as usize)?.as_ref()?;
        // A process that died sends nothing more; its machine, once it is back, resets what it does not know.
        if left > found.silent_after[direction as usize] && !matches!(packet, Packet::Reset) {
            return None;
        }
        if !cut && found.held[direction as usize].is_empty() {
            return Some(packet);
        }
        let found = self.connections[connection as usize].as_mut().expect("it was just found");
        found.held[direction as usize].push_back(Held { packet, left, cause });
        None
    }

    /// The packets that cuts hold back.
    pub fn held(&self) -> impl Iterator<Item = (u32, Direction, &Held<M>)> {
        let open = self.connections.iter().enumerate();
        open.filter_map(|(id, found)| Some((id as u32, found.as_ref()?))).flat_map(|(id, found)| {
            [Direction::ToServer, Direction::ToClient].into_iter().flat_map(move |side| {
                found.held[side as usize].iter().map(move |held| (id, side, held))
            })
        })
    }

    /// True if what left at that moment did leave: its sender lived, and the connection exists.
    pub fn has_left(&self, connection: u32, direction: Direction, left: Instant) -> bool {
        let found = self.connections.get(connection as usize).and_then(Option::as_ref);
        found.is_some_and(|found| left <= found.silent_after[direction as usize])
    }

    fn is_cut(&self, connection: u32, direction: Direction) -> bool {
        let Some((client, server)) = self.ends(connection) else { return false };
        let link = match direction {
            Direction::ToServer => (client, server),
            Direction::ToClient => (server, client),
        };
        self.faults.get(&link).is_some_and(|fault| fault.cuts > 0)
    }

    /// `node` died: what it has not sent by now never leaves it.
    pub fn silence(&mut self, connection: u32, direction: Direction, now: Instant) {
        if let Some(Some(found)) = self.connections.get_mut(connection as usize) {
            let silent = &mut found.silent_after[direction as usize];
            *silent = (*silent).min(now);
        }
    }

    /// From now on nothing gets from `from` to `to`.
    pub fn cut(&mut self, from: NodeId, to: NodeId) {
        self.faults.entry((from, to)).or_default().cuts += 1;
    }

    /// Takes back one cut. Returns the connections where packets were held back and may now get
    /// through, one by one ([`Network::release`]).
    pub fn heal(&mut self, from: NodeId, to: NodeId) -> Vec<(u32, Direction)> {
        let Some(fault) = self.faults.get_mut(&(from, to)) else { return Vec::new() };
        fault.cuts = fault.cuts.saturating_sub(1);
        if fault.cuts > 0 {
            return Vec::new();
        }
        if fault.delay.is_zero() {
            self.faults.remove(&(from, to));
        }
        let mut waiting = self.connections_of(from);
        waiting.retain(|(id, side)| {
            let found = self.connections[*id as usize].as_ref().expect("it was just found");
            let peer = if *side == Direction::ToServer { found.server } else { found.client };
            peer == to && !found.held[*side as usize].is_empty()
        });
        waiting
    }

    /// Takes the next packet that was held back in a direction that is not cut any more, and
    /// whether there are others behind it.
    pub fn release(&mut self, connection: u32, direction: Direction) -> Option<(Held<M>, bool)> {
        if self.is_cut(connection, direction) {
            return None;
        }
        let found = self.connections.get_mut(connection as usize)?.as_mut()?;
        let held = &mut found.held[direction as usize];
        let next = held.pop_front()?;
        Some((next, !held.is_empty()))
    }

    /// The links that are cut or delayed.
    pub fn faults(&self) -> impl Iterator<Item = FaultyLink> {
        self.faults.iter().map(|((from, to), fault)| FaultyLink {
            from: *from,
            to: *to,
            cuts: fault.cuts,
            delay: fault.delay,
        })
    }

    /// Adds `by` to everything that travels from `from` to `to`; zero ends it.
    pub fn delay(&mut self, from: NodeId, to: NodeId, by: Duration) {
        let fault = self.faults.entry((from, to)).or_default();
        fault.delay = by;
        if *fault == Fault::default() {
            self.faults.remove(&(from, to));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);

    fn network() -> (Network<u32>, u32) {
        let model = LinkModel { jitter: Duration::from_micros(100), ..LinkModel::default() };
        let mut network = Network::new(1, model);
        let connection = network.add(A, B, 1);
        network.mark_open(connection);
        (network, connection)
    }

    #[test]
    fn a_connection_keeps_order_in_spite_of_jitter() {
        let (mut network, connection) = network();
        let mut last = Instant::ZERO;
        for nanos in 0..1_000 {
            let left = Instant::from_nanos(nanos);
            let arrival = network.transmit(connection, Direction::ToServer, left, 100, false);
            let at = arrival.expect("the connection is there").at;
            assert!(at >= last && at >= left + Duration::from_micros(250));
            last = at;
        }
    }

    #[test]
    fn the_connections_of_others_do_not_change_what_chance_gives() {
        let arrivals = |network: &mut Network<u32>, connection| {
            let left = |millis: u64| Instant::from_nanos(millis * 1_000_000);
            let sent = (0..20).map(|millis| {
                network.transmit(connection, Direction::ToServer, left(millis), 100, false)
            });
            sent.map(|arrival| arrival.expect("it is there").at).collect::<Vec<_>>()
        };
        let (mut alone, connection) = network();
        let expected = arrivals(&mut alone, connection);
        let model = LinkModel { jitter: Duration::from_micros(100), ..LinkModel::default() };
        let mut beside = Network::new(1, model);
        let other = beside.add(B, A, 2);
        let connection = beside.add(A, B, 1);
        assert_ne!(arrivals(&mut beside, other), expected);
        assert_eq!(arrivals(&mut beside, connection), expected);
    }

    #[test]
    fn a_cut_holds_one_direction_back_until_it_heals() {
        let (mut network, connection) = network();
        network.cut(A, B);
        let now = Instant::ZERO;
        for message in 0..3 {
            let packet = Packet::Message(message);
            assert!(network.arrive(connection, Direction::ToServer, packet, now, 0).is_none());
        }
        let back = network.arrive(connection, Direction::ToClient, Packet::Message(9), now, 0);
        assert!(matches!(back, Some(Packet::Message(9))));
        assert_eq!(network.heal(A, B), [(connection, Direction::ToServer)]);
        // What arrives meanwhile queues up behind what was held back.
        let next = network.arrive(connection, Direction::ToServer, Packet::Message(3), now, 0);
        assert!(next.is_none());
        let released = std::iter::from_fn(|| network.release(connection, Direction::ToServer));
        let order: Vec<_> = released.map(|(held, more)| (held.packet, more)).collect();
        assert!(matches!(
            order[..],
            [
                (Packet::Message(0), true),
                (Packet::Message(1), true),
                (Packet::Message(2), true),
                (Packet::Message(3), false)
            ]
        ));
        let next = network.arrive(connection, Direction::ToServer, Packet::Message(4), now, 0);
        assert!(next.is_some());
    }

    #[test]
    fn what_a_dead_sender_had_not_sent_is_lost() {
        let (mut network, connection) = network();
        let death = Instant::from_nanos(1_000);
        network.silence(connection, Direction::ToClient, death);
        let mut send = |left| {
            network.arrive(connection, Direction::ToClient, Packet::Message(1), left, 0).is_some()
        };
        assert!(send(death) && !send(Instant::from_nanos(1_001)));
    }
}
