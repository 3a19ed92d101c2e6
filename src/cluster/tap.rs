//! What travels between nodes, written down while somebody looks: when it left, when it arrived, and
//! what became of it. A run that nobody looks at carries no tap.

use super::event::Message;
use crate::sim::{Direction, Instant, NodeId, Packet};

/// A request, a response, or the end of a connection on its way from one node to another.
#[derive(Clone, Debug)]
pub struct Passage {
    /// The connection.
    pub connection: u32,
    /// The way it goes on that.
    pub direction: Direction,
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// What it is; none for the end of a connection.
    pub message: Option<Message>,
    /// When it left.
    pub left: Instant,
    /// The event that sent it.
    pub cause: u32,
    /// The version by which its fields are read; none for the end of a connection.
    pub api_version: Option<i16>,
    /// When it reached the process at the other side.
    pub arrived: Option<Instant>,
    /// The event in which it was taken: a request may wait for a handler before.
    pub event: Option<u32>,
}

impl Passage {
    /// The number by which a request and its response belong together on their connection.
    pub fn correlation_id(&self) -> Option<i32> {
        self.message.as_ref().map(Message::correlation_id)
    }
}

/// Writes down what travels.
#[derive(Clone, Debug, Default)]
pub struct Tap {
    passages: Vec<Passage>,
}

impl Tap {
    /// What has travelled, in the order in which it was sent.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    pub(super) fn sent(
        &mut self,
        connection: u32,
        direction: Direction,
        (from, to): (NodeId, NodeId),
        packet: &Packet<Message>,
        (left, cause): (Instant, u32),
    ) {
        let message = match packet {
            Packet::Message(message) => Some(message.clone()),
            Packet::Reset => None,
            _ => return,
        };
        let api_version = match &message {
            Some(Message::Request(request)) => Some(request.api_version),
            _ => None,
        };
        self.passages.push(Passage {
            connection,
            direction,
            from,
            to,
            message,
            left,
            cause,
            api_version,
            arrived: None,
            event: None,
        });
    }

    /// The answer that was sent last on a connection is to a request of this version.
    pub(super) fn answers(&mut self, connection: u32, correlation_id: i32, api_version: i16) {
        let id = Some(correlation_id);
        if let Some(passage) = self.find(connection, Direction::ToClient, id) {
            passage.api_version = Some(api_version);
        }
    }

    /// The newest passage of that kind: a correlation id comes again at another time at most.
    fn find(
        &mut self,
        connection: u32,
        direction: Direction,
        correlation_id: Option<i32>,
    ) -> Option<&mut Passage> {
        self.passages.iter_mut().rev().find(|one| {
            one.connection == connection
                && one.direction == direction
                && one.correlation_id() == correlation_id
        })
    }

    pub(super) fn arrived(
        &mut self,
        connection: u32,
        direction: Direction,
        packet: &Packet<Message>,
        at: Instant,
    ) {
        let correlation_id = match packet {
            Packet::Message(message) => Some(message.correlation_id()),
            Packet::Reset => None,
            _ => return,
        };
        if let Some(passage) = self.find(connection, direction, correlation_id) {
            // A process that is stopped takes it later; it arrived before.
            passage.arrived = passage.arrived.or(Some(at));
        }
    }

    pub(super) fn taken(
        &mut self,
        connection: u32,
        direction: Direction,
        correlation_id: i32,
        event: u32,
    ) {
        if let Some(passage) = self.find(connection, direction, Some(correlation_id)) {
            passage.event = Some(event);
        }
    }
}
