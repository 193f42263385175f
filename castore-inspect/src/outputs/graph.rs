//! The graph of a program.

use std::fmt::Write as _;

use castore_core::describe::ProgramDescription;

use super::html;

/// The graph of a program. Its edges lead from event stores to message channels and read models, and from message
/// channels to consumers. The commands are nodes without edges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    pub(super) title: String,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Command,
    Store,
    Queue,
    Bus,
    Consumer,
    ReadModel,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) label: String,
}

impl Graph {
    pub(super) fn of(program: &ProgramDescription) -> Self {
        let mut graph = Self { title: program.name.to_owned(), nodes: Vec::new(), edges: Vec::new() };
        for (at, id) in program.commands.iter().enumerate() {
            graph.node(format!("command{at}"), Kind::Command, id, String::new());
        }
        for (at, store) in program.stores.iter().enumerate() {
            graph.node(format!("store{at}"), Kind::Store, store.id, store.type_name.to_owned());
        }
        let store = |id: &str| program.stores.iter().position(|store| store.id == id).map(|at| format!("store{at}"));
        let channel = |id: &str| program.channels.iter().position(|it| it.id == id).map(|at| format!("channel{at}"));
        for (at, description) in program.channels.iter().enumerate() {
            let kind = if description.topology == "queue" { Kind::Queue } else { Kind::Bus };
            let order = if description.ordered { ", ordered" } else { "" };
            let detail = format!("{} {}{order}", description.kind, description.topology);
            graph.node(format!("channel{at}"), kind, description.id, detail);
            let relays = program.relays.iter().filter(|relay| relay.channel == description.id);
            let relays: Vec<&str> = relays.map(|relay| relay.name).collect();
            let label = if relays.is_empty() { String::new() } else { format!("relay {}", relays.join(", ")) };
            for from in description.sources.iter().filter_map(|source| store(source)) {
                graph.edges.push(Edge { from, to: format!("channel{at}"), label: label.clone() });
            }
        }
        for (at, consumer) in program.consumers.iter().enumerate() {
            let detail = if consumer.in_order { "in order" } else { "" };
            graph.node(format!("consumer{at}"), Kind::Consumer, consumer.name, detail.to_owned());
            if let Some(from) = channel(consumer.channel) {
                graph.edges.push(Edge { from, to: format!("consumer{at}"), label: String::new() });
            }
        }
        for (at, read_model) in program.read_models.iter().enumerate() {
            let detail = format!("read model, version {}", read_model.version);
            graph.node(format!("read_model{at}"), Kind::ReadModel, read_model.name, detail);
            for from in read_model.sources.iter().filter_map(|source| store(source)) {
                graph.edges.push(Edge { from, to: format!("read_model{at}"), label: String::new() });
            }
        }
        graph
    }

    fn node(&mut self, id: String, kind: Kind, name: &str, detail: String) {
        self.nodes.push(Node { id, kind, name: name.to_owned(), detail });
    }

    /// Returns the graph as a Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        for Node { id, kind, name, detail } in &self.nodes {
            let (open, close) = match kind {
                Kind::Command => (">", "]"),
                Kind::Store => ("[(", ")]"),
                Kind::Queue => ("[[", "]]"),
                Kind::Bus => ("{{", "}}"),
                Kind::Consumer => ("([", "])"),
                Kind::ReadModel => ("[/", "/]"),
            };
            let detail = if detail.is_empty() { String::new() } else { format!("<br/>{}", html::escape(detail)) };
            let _ = writeln!(text, "  {id}{open}\"{}{detail}\"{close}", html::escape(name));
        }
        for Edge { from, to, label } in &self.edges {
            let label = if label.is_empty() { String::new() } else { format!("|\"{}\"|", html::escape(label)) };
            let _ = writeln!(text, "  {from} -->{label} {to}");
        }
        text
    }

    /// Returns the graph as an HTML page with an SVG image, without scripts and without references to other files.
    pub fn html(&self) -> String {
        html::page(self)
    }
}
