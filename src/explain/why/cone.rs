//! Causes and effects as a graph: what is lit when an event is selected.

use petgraph::graph::{DiGraph, NodeIndex};

use super::History;
use crate::cluster::Happened;
use crate::sim::Lookup;

/// Events with what led from one to another. Edges go from cause to effect; that of a request to its
/// response says true.
#[derive(Clone, Debug, Default)]
pub struct Cone {
    graph: DiGraph<u32, bool>,
    places: Lookup<u32, NodeIndex>,
}

impl Cone {
    /// What led to `event`, as far back as the event `first`.
    pub fn causes(history: &dyn History, event: u32, first: u32) -> Self {
        let mut cone = Self::default();
        let mut open = vec![event];
        cone.place(event);
        while let Some(id) = open.pop() {
            let Some(happened) = history.event(id) else { continue };
            for (cause, asked) in causes_of(&happened) {
                if cause < first {
                    continue;
                }
                if !cone.contains(cause) {
                    open.push(cause);
                }
                cone.tie(cause, id, asked);
            }
        }
        cone
    }

    /// What `event` led to, up to the event `last`.
    pub fn effects(history: &dyn History, event: u32, last: u32) -> Self {
        let mut cone = Self::default();
        cone.place(event);
        for id in event + 1..=last {
            let Some(happened) = history.event(id) else { break };
            for (cause, asked) in causes_of(&happened) {
                if cone.contains(cause) {
                    cone.tie(cause, id, asked);
                }
            }
        }
        cone
    }

    /// True if `event` belongs to it.
    pub fn contains(&self, event: u32) -> bool {
        self.places.get(&event).is_some()
    }

    /// Its events, earliest first.
    pub fn events(&self) -> Vec<u32> {
        let mut events: Vec<u32> = self.graph.node_weights().copied().collect();
        events.sort_unstable();
        events
    }

    /// The graph: the ids of events, and whether an edge leads from a request to its response.
    pub fn graph(&self) -> &DiGraph<u32, bool> {
        &self.graph
    }

    fn place(&mut self, event: u32) -> NodeIndex {
        if let Some(place) = self.places.get(&event) {
            return *place;
        }
        let place = self.graph.add_node(event);
        self.places.insert(event, place);
        place
    }

    fn tie(&mut self, cause: u32, effect: u32, asked: bool) {
        let (cause, effect) = (self.place(cause), self.place(effect));
        self.graph.add_edge(cause, effect, asked);
    }
}

/// The events that one rests on: its cause, and the sender of the request, for a response.
fn causes_of(event: &Happened) -> impl Iterator<Item = (u32, bool)> {
    let origin = (event.origin != event.cause).then_some((event.origin, true));
    let cause = std::iter::once((event.cause, false));
    cause.chain(origin).filter(|(id, _)| *id > 0)
}
