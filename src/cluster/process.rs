//! A process: a node while it runs, its disk while it does not, its timers and request queues.
//!
//! In Kafka: the parts of `SocketServer`, `RequestChannel` and `KafkaRequestHandlerPool` that decide
//! when a request is taken: one request in process per connection, so many handler threads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::event::Event;
use super::inboxes::Inboxes;
use super::node::{Blueprint, Node};
use crate::ids::{BrokerId, Name, Timestamp};
use crate::log::{Disk, LogManager};
use crate::node::{Timer, Why};
use crate::sim::disk::DiskModel;
use crate::sim::{Instant, Lanes, Timers};

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessState {
    /// Not running.
    Down,
    /// Started, but not listening yet.
    Booting,
    /// Running.
    Up,
    /// Stopped by a signal, in the middle of everything.
    Paused,
}

/// One process of the cluster.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) name: Name,
    pub(super) blueprint: Blueprint,
    pub(super) state: ProcessState,
    /// How often it has started.
    pub(super) incarnation: u32,
    /// It ended by itself, and was not started again.
    pub(super) exited: bool,
    /// False after a power failure, until it is started again: then nobody resets connections.
    pub(super) powered: bool,
    /// Connections on which something was sent to a machine without power: their senders send it
    /// again until the machine answers.
    pub(super) unanswered: BTreeSet<u32>,
    /// How many connections it has opened to each server.
    pub(super) opened: BTreeMap<BrokerId, u32>,
    /// Where it takes connections.
    pub(super) listening: [bool; 2],
    pub(super) node: Option<Node>,
    /// The disk, while no node holds it.
    pub(super) disk: Option<Disk>,
    /// What the last process that had opened its logs left in directories that are not kept on the
    /// disk.
    pub(super) left: Option<LogManager>,
    pub(super) timers: Timers<Timer, (Why, u32)>,
    pub(super) inboxes: Inboxes,
    /// Handler threads by kind.
    pub(super) lanes: Vec<Lanes>,
    /// Connections with a request that no handler was free for, by kind of handler.
    pub(super) waiting: Vec<VecDeque<u32>>,
    /// When a lane event is scheduled.
    pub(super) lane_wake: Option<Instant>,
    /// What came while it was paused.
    pub(super) parked: VecDeque<(Event, u32)>,
    /// Its clock is so many milliseconds ahead.
    pub(super) skew_ms: i64,
    /// Everything takes so many times as long.
    pub(super) cpu_factor: u64,
}

impl Process {
    /// A process, not yet started; its disk is formatted now.
    pub(super) fn new(name: Name, blueprint: Blueprint, model: DiskModel, now: Timestamp) -> Self {
        let lanes: Vec<Lanes> = blueprint.lanes();
        let mut disk = blueprint.server_id().map(|_| Disk::new(model));
        if let Some(disk) = &mut disk {
            blueprint.format(now, disk);
        }
        Self {
            name,
            waiting: vec![VecDeque::new(); lanes.len()],
            lanes,
            disk,
            left: None,
            blueprint,
            state: ProcessState::Down,
            incarnation: 0,
            exited: false,
            powered: true,
            unanswered: BTreeSet::new(),
            opened: BTreeMap::new(),
            listening: [false; 2],
            node: None,
            timers: Timers::default(),
            inboxes: Inboxes::default(),
            lane_wake: None,
            parked: VecDeque::new(),
            skew_ms: 0,
            cpu_factor: 1,
        }
    }

    /// The process dies: memory is gone, the disk remains.
    pub(super) fn die(&mut self) {
        if let Some(node) = self.node.take()
            && let Some((disk, logs)) = node.crash()
        {
            self.disk = Some(disk);
            self.left = logs.or(self.left.take());
        }
        self.state = ProcessState::Down;
        self.listening = [false; 2];
        self.timers.clear();
        self.inboxes.clear();
        self.parked.clear();
        self.lane_wake = None;
        self.lanes = self.blueprint.lanes();
        self.waiting.iter_mut().for_each(VecDeque::clear);
    }

    /// A connection ended: its requests wait no more.
    pub(super) fn forget(&mut self, connection: u32) {
        if self.inboxes.remove(connection).is_some_and(|inbox| inbox.waiting) {
            for waiting in &mut self.waiting {
                waiting.retain(|other| *other != connection);
            }
        }
    }

    /// True while it exists, running or stopped.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.state, ProcessState::Up | ProcessState::Paused)
    }

    /// True while it is stopped, or has events from then to catch up with.
    pub(super) fn is_behind(&self) -> bool {
        self.state == ProcessState::Paused || !self.parked.is_empty()
    }

    /// True when its operating system takes connections for it at that port.
    pub(super) fn is_listening(&self, port: u8) -> bool {
        self.listening.get(port as usize).copied().unwrap_or(false)
    }
}
