//! Links and connections.

use serde::Serialize;

use super::Lens;
use crate::cluster::Message;
use crate::ids::Name;
use crate::protocol::{Batch, RequestBody};
use crate::sim::{Direction, Duration, Instant, Packet};

/// A link that is cut or delayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkView {
    /// The sending node.
    pub from: Name,
    /// The receiving node.
    pub to: Name,
    /// True while nothing gets through.
    pub cut: bool,
    /// What is added to everything that travels.
    pub delay: Duration,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionView {
    /// The node that opened it.
    pub client: Name,
    /// The node that was connected to.
    pub server: Name,
    /// False while it is being opened.
    pub open: bool,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InFlightView {
    /// The sending node.
    pub from: Name,
    /// The receiving node.
    pub to: Name,
    /// What it is: the request's kind, `open`, `reset`, …
    pub what: Name,
    /// True for a response.
    pub response: bool,
    /// When it arrives.
    pub due: Instant,
}

impl<'a> Lens<'a> {
    /// The links that are cut or delayed.
    pub fn faulty_links(self) -> Vec<LinkView> {
        let links = self.cluster.network().faults();
        links
            .map(|fault| LinkView {
                from: self.name(fault.from).clone(),
                to: self.name(fault.to).clone(),
                cut: fault.cuts > 0,
                delay: fault.delay,
            })
            .collect()
    }

    /// True if a link is cut or delayed.
    pub fn has_faulty_links(self) -> bool {
        self.cluster.network().faults().next().is_some()
    }

    /// All connections that exist.
    pub fn connections(self) -> Vec<ConnectionView> {
        let connections = self.cluster.network().connections();
        connections
            .map(|(client, server, open)| ConnectionView {
                client: self.name(client).clone(),
                server: self.name(server).clone(),
                open,
            })
            .collect()
    }

    /// The batches that producers have sent and no broker has seen yet, but still may.
    pub fn batches_on_their_way(self) -> impl Iterator<Item = &'a Batch> {
        let requests = self.cluster.requests_on_their_way();
        let produce = requests.filter_map(|request| match &request.body {
            RequestBody::Produce(produce) => Some(produce),
            _ => None,
        });
        let partitions = produce.flat_map(|produce| &produce.partitions);
        partitions.flat_map(|partition| partition.records.iter().map(|batch| &**batch))
    }

    /// The next `count` messages to arrive.
    pub fn in_flight(self, count: usize) -> Vec<InFlightView> {
        let packets = self.cluster.in_flight(count).into_iter();
        packets
            .filter_map(|(due, connection, direction, packet)| {
                let (client, server) = self.cluster.network().ends(connection)?;
                let (from, to) = match direction {
                    Direction::ToServer => (client, server),
                    Direction::ToClient => (server, client),
                };
                let (from, to) = (self.name(from).clone(), self.name(to).clone());
                let response = matches!(packet, Packet::Message(Message::Response(..)));
                Some(InFlightView { from, to, what: what(packet).into(), response, due })
            })
            .collect()
    }
}

/// What a packet is, in a word.
fn what(packet: &Packet<Message>) -> &'static str {
    match packet {
        Packet::Open(_) => "open",
        Packet::Accepted => "accepted",
        Packet::Refused => "refused",
        Packet::Message(Message::Request(request)) => request.body.api().name(),
        Packet::Message(Message::Response(response, _)) => response.body.api().name(),
        Packet::Closed => "closed",
        Packet::Reset => "reset",
    }
}
