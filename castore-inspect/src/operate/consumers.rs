//! The commands `consumers list` and `consumers apply`, which show and create the resources of consumers on their
//! brokers.

use std::sync::Arc;

use castore_core::consumer::{ConsumerResource, ConsumerSetup, ResourceChange};
use castore_core::error::error_chain;
use serde_json::{Value, json};

use super::Operate;
use super::arguments::Arguments;
use super::report::{Report, text_of};
use crate::Inspect;

impl<W: Inspect> Operate<W> {
    /// Adds a consumer for the commands `consumers list` and `consumers apply`, which show and create the resources of
    /// consumers on their brokers. The output contains the name, which can be chosen freely.
    pub fn consumer(mut self, name: impl Into<String>, setup: impl ConsumerSetup) -> Self {
        self.consumers.push((name.into(), Arc::new(setup)));
        self
    }

    /// Executes `consumers list` or `consumers apply`. Returns `None` if the command is unknown.
    ///
    /// # Errors
    /// A text for the user that describes the failure.
    pub(super) async fn execute_consumers(&self, command: &[&str], json: bool) -> Result<Option<Report>, String> {
        let arguments = Arguments::parse(command, &[], &["--dry-run"])?;
        let is_apply = match arguments.operands.as_slice() {
            ["list"] if !arguments.has("--dry-run") => false,
            ["apply"] => !arguments.has("--dry-run"),
            _ => return Ok(None),
        };
        if self.consumers.is_empty() {
            return Err("the binary `operate` has no consumers: call `consumer(name, setup)`".to_owned());
        }
        let mut rows = Vec::new();
        for (index, (name, setup)) in self.consumers.iter().enumerate() {
            let resources = if is_apply { setup.apply().await } else { setup.plan().await };
            let resources = resources.map_err(|error| {
                let text = format!("{name}: {}", error_chain(&error));
                match is_apply && index > 0 {
                    true => format!("{text}\n{index} of {} consumers are set up", self.consumers.len()),
                    false => text,
                }
            })?;
            rows.extend(resources.into_iter().map(|resource| to_json(name, &resource)));
        }
        let (create, update) = if is_apply { ("created", "updated") } else { ("to be created", "to be updated") };
        Ok(Some(Report::rows(&rows, json, |row| {
            let state = match row["change"].as_str() {
                Some("create") => create,
                Some("update") => update,
                _ => "up to date",
            };
            format!("{}: {}: {state}", text_of(row, "consumer"), text_of(row, "resource"))
        })))
    }
}

fn to_json(consumer: &str, resource: &ConsumerResource) -> Value {
    json!({ "consumer": consumer, "resource": resource.name, "change": ResourceChange::to_string(&resource.change) })
}
