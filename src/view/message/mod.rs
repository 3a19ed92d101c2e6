//! What travelled between nodes: messages with their ends, times and fates, and one of them opened.

mod fields;
mod opened;

pub use fields::{Field, fields};
pub use opened::Opened;

use super::Lens;
use crate::cluster::{Message, Passage};
use crate::protocol::{Api, RequestBody};
use crate::sim::{Direction, Instant, NodeId};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It reached the process at the other side.
    Arrived(Instant),
    /// It is on its way, or held back by a cut link.
    OnItsWay,
    /// It will never arrive: its connection ended, or nobody was there to take it.
    Lost,
}

/// Which message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageKey {
    connection: u32,
    from: NodeId,
    left: Instant,
    correlation_id: Option<i32>,
}

/// A message, or the end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// The connection.
    pub connection: u32,
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// The kind of request; none for the end of a connection.
    pub api: Option<Api>,
    /// It is an answer.
    pub is_response: bool,
    /// It is a Produce with acks=0: it gets no answer.
    pub is_one_way: bool,
    /// It is a fetch that brings no news, or the answer to one.
    pub is_idle: bool,
    /// The number that a request and its answer share.
    pub correlation_id: Option<i32>,
    /// The version of both.
    pub api_version: Option<i16>,
    /// When it left.
    pub left: Instant,
    /// What became of it.
    pub fate: Fate,
    /// The event that sent it.
    pub cause: u32,
    /// The event in which it was taken.
    pub event: Option<u32>,
    /// The place of the answer to this request, or of the request that this answers.
    pub other: Option<usize>,
}

impl MessageView {
    /// Which one it is, among all of a run.
    pub fn key(&self) -> MessageKey {
        MessageKey {
            connection: self.connection,
            from: self.from,
            left: self.left,
            correlation_id: self.correlation_id,
        }
    }
}

impl Lens<'_> {
    /// What a tap wrote down up to now, as messages, in the order in which they were sent.
    pub fn messages(self, passages: &[Passage]) -> Vec<MessageView> {
        let key = |one: &Passage| Some((one.connection, one.correlation_id()?));
        let mut all: Vec<MessageView> = Vec::with_capacity(passages.len());
        for (place, passage) in passages.iter().enumerate() {
            let mut view = self.message(passage);
            if view.is_response {
                let asked = |one: &Passage| {
                    one.direction == Direction::ToServer && key(one) == key(passage)
                };
                let request = passages[..place].iter().rposition(asked);
                if let Some(request) = request {
                    view.other = Some(request);
                    all[request].other = Some(place);
                }
            }
            all.push(view);
        }
        all
    }

    fn message(self, passage: &Passage) -> MessageView {
        let is_one_way = matches!(&passage.message, Some(Message::Request(request))
            if matches!(&request.body, RequestBody::Produce(produce) if produce.acks == 0));
        let (api, is_response, is_idle) = match &passage.message {
            Some(Message::Request(request)) => {
                (Some(request.body.api()), false, request.is_idle_poll())
            }
            Some(Message::Response(response, _)) => {
                (Some(response.body.api()), true, response.is_idle_poll())
            }
            None => (None, false, false),
        };
        MessageView {
            connection: passage.connection,
            from: passage.from,
            to: passage.to,
            api,
            is_response,
            is_one_way,
            is_idle,
            correlation_id: passage.correlation_id(),
            api_version: passage.api_version,
            left: passage.left,
            fate: match passage.arrived {
                Some(at) => Fate::Arrived(at),
                None if self.is_on_its_way(passage) => Fate::OnItsWay,
                None => Fate::Lost,
            },
            cause: passage.cause,
            event: passage.event,
            other: None,
        }
    }

    /// True if it may still arrive.
    fn is_on_its_way(self, passage: &Passage) -> bool {
        use crate::sim::Packet;
        let network = self.cluster.network();
        if network.ends(passage.connection).is_none() {
            return false;
        }
        let is_it = |connection: u32, direction: Direction, packet: &Packet<Message>| {
            let id = match packet {
                Packet::Message(Message::Request(request)) => Some(request.correlation_id),
                Packet::Message(Message::Response(response, _)) => Some(response.correlation_id),
                _ => None,
            };
            (connection, direction, id)
                == (passage.connection, passage.direction, passage.correlation_id())
        };
        let mut held = network.held();
        if held.any(|(connection, direction, held)| is_it(connection, direction, &held.packet)) {
            return true;
        }
        let flying = self.cluster.in_flight(usize::MAX).into_iter();
        let mut flying = flying.filter(|(_, connection, ..)| *connection == passage.connection);
        flying.any(|(_, connection, direction, packet)| {
            is_it(connection, direction, packet)
                && network.has_left(connection, direction, passage.left)
        })
    }
}
