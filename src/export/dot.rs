//! Graphs for Graphviz: what led to something, and who talks to whom.

use petgraph::dot::{Config, Dot};
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};

use crate::explain::why::Chain;
use crate::explain::{Lang, Narrator, World, clock};
use crate::ids::TopicPartition;
use crate::tui::wrap;
use crate::view::{Lens, PartitionView, ReplicaWord};

/// What is drawn in a node or on an edge, and how.
#[derive(Clone, Debug, Default)]
struct Drawn {
    label: String,
    how: &'static str,
}

type Graph = DiGraph<Drawn, Drawn>;

/// A chain of causes: from its root to what was asked about.
pub fn causes(chain: &Chain, world: &dyn World, lang: Lang) -> String {
    let narrator = Narrator::new(lang);
    let mut graph = Graph::new();
    let mut effect: Option<NodeIndex> = None;
    for (place, link) in chain.links.iter().enumerate() {
        let who = narrator.link_speaker(link, world);
        let label = format!("{} {who}\n{}", clock(link.event.at), narrator.link(link, world));
        let last = place + 1 == chain.links.len();
        let how = if place == 0 {
            "style=\"rounded,bold\""
        } else if last {
            "style=\"rounded,dashed\""
        } else {
            "style=\"rounded\""
        };
        let cause = graph.add_node(Drawn { label: folded(&label), how });
        if let Some(effect) = effect {
            let tie = narrator.tie(link, &chain.links[place - 1], world).unwrap_or_default();
            let how = if link.skipped.is_some() { "style=dashed" } else { "" };
            graph.add_edge(cause, effect, Drawn { label: folded(&tie), how });
        }
        effect = Some(cause);
    }
    text(&graph, "why", "rankdir=TB")
}

/// The cluster at a moment: which broker has which replica, and who writes and reads.
pub fn topology(lens: Lens<'_>) -> String {
    let picture = lens.picture();
    let mut graph = Graph::new();
    let mut brokers = Vec::new();
    for broker in &picture.brokers {
        let how = if broker.alive { "shape=box3d" } else { "shape=box3d style=dashed" };
        let label = broker.name.to_string();
        brokers.push((broker.id, graph.add_node(Drawn { label, how })));
    }
    // Kafka's own topics would hide the others.
    let of_users = |partition: &&PartitionView| !partition.tp.topic.starts_with("__");
    let mut partitions = Vec::new();
    for partition in picture.partitions.iter().filter(of_users) {
        let label = format!("{}\nepoch {}", partition.tp, partition.leader_epoch.0);
        let how = if partition.leader.is_some() {
            "shape=cylinder"
        } else {
            "shape=cylinder style=dashed"
        };
        let node = graph.add_node(Drawn { label, how });
        partitions.push((partition.tp.clone(), node));
        for replica in &partition.replicas {
            let Some((_, broker)) = brokers.iter().find(|(id, _)| *id == replica.broker) else {
                continue;
            };
            let how = match replica.word {
                ReplicaWord::Leader => "style=bold",
                ReplicaWord::InSync => "",
                _ => "style=dashed",
            };
            let label = match replica.word {
                ReplicaWord::Leader => "leader",
                ReplicaWord::Zombie => "zombie",
                ReplicaWord::InSync => "in sync",
                ReplicaWord::Lagging => "out of the ISR",
                ReplicaWord::Offline => "offline",
                ReplicaWord::Absent => "absent",
            };
            let label = label.to_owned();
            graph.add_edge(*broker, node, Drawn { label, how });
        }
    }
    let node_of = |tp: &TopicPartition| {
        partitions.iter().find(|(known, _)| known == tp).map(|(_, node)| *node)
    };
    for producer in &picture.producers {
        let label = producer.name.to_string();
        let from = graph.add_node(Drawn { label, how: "shape=cds" });
        for (tp, node) in &partitions {
            if producer.topics.contains(&tp.topic) {
                graph.add_edge(from, *node, Drawn::default());
            }
        }
    }
    for consumer in &picture.consumers {
        let group = consumer.group.as_ref().map_or_else(String::new, |group| format!("{group}/"));
        let label = format!("{group}{}", consumer.name);
        let how = if consumer.alive { "shape=ellipse" } else { "shape=ellipse style=dashed" };
        let to = graph.add_node(Drawn { label, how });
        for node in consumer.owned.keys().filter_map(node_of) {
            graph.add_edge(node, to, Drawn::default());
        }
    }
    text(&graph, "cluster", "rankdir=LR")
}

/// A text in rows of a width that can be read in a graph.
fn folded(text: &str) -> String {
    let rows: Vec<&str> = text.lines().flat_map(|line| wrap::rows(line, 44)).collect();
    rows.join("\n")
}

fn text(graph: &Graph, name: &str, how: &str) -> String {
    let quoted = |drawn: &Drawn| {
        let label = drawn.label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("label=\"{label}\" {}", drawn.how)
    };
    let config = [Config::NodeNoLabel, Config::EdgeNoLabel, Config::GraphContentOnly];
    let edges = |_: &Graph, edge: EdgeReference<'_, Drawn>| quoted(edge.weight());
    let nodes = |_: &Graph, node: (NodeIndex, &Drawn)| quoted(node.1);
    let dot = Dot::with_attr_getters(graph, &config, &edges, &nodes);
    format!(
        "digraph {name} {{\n    {how}\n    node [shape=box fontname=\"sans-serif\"]\n    edge \
         [fontname=\"sans-serif\" fontsize=10]\n{dot:?}}}\n"
    )
}
