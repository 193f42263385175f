use std::fmt;
use std::sync::Arc;

use castore_projection::engine::{check_names, table_name};

use crate::schema::Identifier;

/// The table names for one version of a read model, quoted and qualified.
///
/// [`create`](super::PostgresProjection::create) and [`apply`](super::PostgresProjection::apply) receive these names
/// and must use them, because the plain names belong to the views that readers use.
///
/// `Display` writes the name of the first table, which is the only one unless
/// [`TABLES`](super::PostgresProjection::TABLES) lists several. [`table`](Self::table) returns the names of the other
/// tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    names: &'static [&'static str],
    version: u32,
    /// The quoted name of the schema.
    schema: Arc<str>,
}

impl Tables {
    /// Checks the name of a read model and the names of its tables.
    ///
    /// # Errors
    /// A text with the invalid name and the violated rule.
    pub(super) fn check(name: &str, version: u32, tables: &[&str]) -> Result<(), String> {
        check_names(name, version, tables, |name| name.starts_with("pg_").then_some("Postgres's own tables"))?;
        for name in tables.iter().copied().chain([name]) {
            Identifier::new("table", &table_name(name, version)).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    pub(super) fn new(names: &'static [&'static str], version: u32, schema: Arc<str>) -> Self {
        Self { names, version, schema }
    }

    /// Returns the name of the table `name` in this version, for example `"public"."name_v2"`. Readers use the view
    /// `name`.
    pub fn table(&self, name: &str) -> String {
        qualified(&self.schema, &table_name(name, self.version))
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// Returns pairs of a name that readers use and the name of the corresponding table in this version.
    pub(super) fn all(&self) -> impl Iterator<Item = (String, String)> {
        self.names.iter().map(|name| (qualified(&self.schema, name), self.table(name)))
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.table(self.names.first().copied().unwrap_or_default()))
    }
}

/// Returns a qualified, quoted name. The names of read models contain no characters that need escaping.
pub(super) fn qualified(schema: &str, name: &str) -> String {
    format!("{schema}.\"{name}\"")
}
