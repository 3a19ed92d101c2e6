//! Messages of a stretch of time, from the history of a run.

use crate::cluster::EventKind;
use crate::protocol::Api;
use crate::scenario::timeline::Timeline;
use crate::sim::{Instant, NodeId};

/// A message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// When it was sent.
    pub(super) sent: Instant,
    /// When it was taken, or arrived.
    pub(super) arrived: Instant,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) api: Api,
    pub(super) is_response: bool,
}

/// The messages that arrived from `first` to `last`, in the order in which they did. Idle polls are left
/// out; what answers one with news is not.
pub(super) fn between(timeline: &Timeline, first: Instant, last: Instant) -> Vec<Message> {
    let history = timeline.history();
    let before = first
        .as_nanos()
        .checked_sub(1)
        .map_or(0, |nanos| history.last_at(Instant::from_nanos(nanos)));
    let mut messages = Vec::new();
    for id in before + 1..=history.last_at(last) {
        let Some(past) = history.get(id) else { break };
        let happened = past.happened;
        let (api, is_response) = match happened.kind {
            EventKind::Request(api) => (api, false),
            EventKind::Response(api) => (api, true),
            _ => continue,
        };
        let sender = history.get(happened.cause).map(|past| past.happened);
        let Some(sender) = sender.filter(|_| !happened.idle) else { continue };
        messages.push(Message {
            sent: sender.at,
            arrived: happened.at,
            from: sender.node,
            to: happened.node,
            api,
            is_response,
        });
    }
    messages
}
