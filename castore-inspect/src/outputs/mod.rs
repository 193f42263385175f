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

/// The outputs of a program that is declared with `wiring!`, for example `Game::graph()` or `Game::asyncapi("1.0.0")`.
///
/// The outputs are deterministic: the same program always has the same outputs, so they can be committed and compared.
pub trait Inspect: Wiring {
    /// Returns the graph of the program: event stores, message channels, consumers, read models, relays and commands.
    fn graph() -> Graph {
        Graph::of(&Self::describe())
    }

    /// Returns an AsyncAPI 3.0 document with the channels, the operations, and the messages with their schemas.
    /// `version` is the version of the program. The document contains no servers and no bindings, because only adapters
    /// know them.
    fn asyncapi(version: &str) -> Value {
        sorted::sorted(asyncapi::asyncapi(&Self::describe(), version))
    }

    /// Returns a JSON Schema (2020-12) with a definition for each event, for each aggregate, and for each named type
    /// that they contain.
    fn json_schema() -> Value {
        sorted::sorted(json_schema::json_schema(&Self::describe()))
    }

    /// Returns the files of an event catalog, by path. There is a Markdown page (with a YAML header) for the program,
    /// for each channel and for each event type, and a JSON Schema for each event type. The page of the program lists
    /// its consumers, commands and read models. `version` is the version of the program.
    fn catalog(version: &str) -> BTreeMap<String, String> {
        catalog::catalog(&Self::describe(), version)
    }

    /// Returns the description of the program as JSON, for tools.
    fn to_json() -> Value {
        sorted::sorted(data::program(&Self::describe()))
    }
}

impl<W: Wiring> Inspect for W {}
