//! The commands `schema print` and `schema apply`, which print and create the database objects of the storages.

use std::sync::Arc;

use castore_core::error::error_chain;
use castore_core::storage::StorageSchema;

use super::Operate;
use super::report::Report;
use crate::Inspect;

impl<W: Inspect> Operate<W> {
    /// Adds a storage for the commands `schema print` and `schema apply`, which print the SQL of its tables and create
    /// its tables.
    pub fn schema(mut self, schema: impl StorageSchema) -> Self {
        self.schemas.push(Arc::new(schema));
        self
    }

    /// Executes `schema print` or `schema apply`. Returns `None` if the command is unknown.
    ///
    /// # Errors
    /// A text for the user that describes the failure.
    pub(super) async fn execute_schema(&self, command: &[&str]) -> Result<Option<Report>, String> {
        if !matches!(command, ["print" | "apply"]) {
            return Ok(None);
        }
        if self.schemas.is_empty() {
            return Err("the binary `operate` has no schema: call `schema(storage)`".to_owned());
        }
        let mut printed = Vec::new();
        for schema in &self.schemas {
            match command {
                ["print"] => printed.push(schema.sql().await.map_err(|error| error_chain(&error))?),
                _ => schema.apply().await.map_err(|error| error_chain(&error))?,
            }
        }
        Ok(Some(Report::good(match command {
            ["print"] => printed.join("\n\n"),
            _ => format!("the schemas of {} storages are up to date", self.schemas.len()),
        })))
    }
}
