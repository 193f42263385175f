//! The outputs that are generated from the description of a program.

mod asyncapi;
mod catalog;
mod data;
mod graph;
mod html;
mod json_schema;
mod messages;
mod schema;
mod sorted;

pub use graph::Graph;

use std::collections::BTreeMap;

use castore_core::wiring::Wiring;
use serde_json::Value;

/// The outputs of a program that `wiring!` declares: `Game::graph()`, `Game::asyncapi("1.0.0")`.
///
/// Every output is the same for the same program, so that it can be committed and compared.
pub trait Inspect: Wiring {
    /// Returns the graph of the program: event stores, message channels, consumers, read models, relays and commands.
    fn graph() -> Graph {
        Graph::of(&Self::describe())
    }

    /// Returns an AsyncAPI 3.0 document: the channels, the operations, and the messages with their schemas. `version` is
    /// the version of the program. Servers and bindings, which only adapters know, are not part of it.
    fn asyncapi(version: &str) -> Value {
        sorted::sorted(asyncapi::asyncapi(&Self::describe(), version))
    }

    /// Returns a JSON Schema (2020-12) with a definition for each event, each state and each type inside them.
    fn json_schema() -> Value {
        sorted::sorted(json_schema::json_schema(&Self::describe()))
    }

    /// Returns the files of a folder for an event catalog, by path: a Markdown page with a header for each event store, event
    /// type, channel and consumer, and a schema beside each event.
    fn catalog(version: &str) -> BTreeMap<String, String> {
        catalog::catalog(&Self::describe(), version)
    }

    /// Returns the description as JSON, for tools.
    fn to_json() -> Value {
        sorted::sorted(data::program(&Self::describe()))
    }
}

impl<W: Wiring> Inspect for W {}
