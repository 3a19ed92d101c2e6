//! What the queue holds, and what is remembered of an event once it has happened.

use std::sync::Arc;

use crate::node::{ReplyTo, Timer, Why};
use crate::protocol::{Api, Request, Response};
use crate::sim::{Alarm, Direction, Instant, NodeId, Packet};

/// What a connection carries.
#[derive(Clone, Debug)]
pub enum Message {
    /// A question.
    Request(Arc<Request>),
    /// An answer, with the event that asked.
    Response(Arc<Response>, u32),
}

impl Message {
    /// The number by which a request and its response belong together on their connection.
    pub fn correlation_id(&self) -> i32 {
        match self {
            Self::Request(request) => request.correlation_id,
            Self::Response(response, _) => response.correlation_id,
        }
    }

    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Request(request) => request.size(),
            Self::Response(response, _) => response.size(),
        }
    }

    pub(super) fn is_idle_poll(&self) -> bool {
        match self {
            Self::Request(request) => request.is_idle_poll(),
            Self::Response(response, _) => response.is_idle_poll(),
        }
    }
}

/// What is to happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A packet reaches the other end of its connection.
    Packet { connection: u32, direction: Direction, left: Instant, packet: Packet<Message> },
    /// A healed link lets the next packet through that it held back.
    Release { connection: u32, direction: Direction },
    /// A timer of a process may be due.
    Alarm { node: NodeId, alarm: Alarm },
    /// A process has started.
    Boot { node: NodeId, incarnation: u32 },
    /// A process may take the next request from its queues.
    Lane { node: NodeId, incarnation: u32 },
    /// A process that was stopped takes the next thing that came meanwhile.
    Unpark { node: NodeId },
}

/// An event with what brought it about.
#[derive(Clone, Debug)]
pub(super) struct Scheduled {
    pub(super) cause: u32,
    pub(super) event: Event,
}

/// The kind of an event that has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A request was taken by a handler.
    Request(Api),
    /// A response arrived.
    Response(Api),
    /// A connection opened, ended or was refused.
    Connection,
    /// A timer was due, for this reason.
    Timer(Timer, Why),
    /// A process started.
    Boot,
    /// A command of the scenario or of the viewer.
    Command,
    /// Bookkeeping that no node notices.
    Internal,
}

/// An event that has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happened {
    /// When.
    pub at: Instant,
    /// Its id: events are numbered from 1 in the order in which they happen.
    pub id: u32,
    /// The event that scheduled it: sent the message, set the timer. 0 for the beginning.
    pub cause: u32,
    /// For a response, the event that sent the request; else as `cause`.
    pub origin: u32,
    /// Where it happened.
    pub node: NodeId,
    /// What it was.
    pub kind: EventKind,
    /// True for an idle poll, which has no number that people see.
    pub idle: bool,
}

/// A request that waits in a server's queue.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) from: ReplyTo,
    pub(super) request: Arc<Request>,
    /// The event that sent it.
    pub(super) cause: u32,
    pub(super) idle: bool,
}
