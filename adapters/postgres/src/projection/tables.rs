use std::fmt;
use std::sync::Arc;

use castore_projection::engine::{check_names, table_name};

use crate::schema::Identifier;

/// The names of the tables of one version of a read model, as SQL has them: in quotes, and with their schema.
/// [`create`](super::PostgresProjection::create) and [`apply`](super::PostgresProjection::apply) must take all names from here: the plain names are
/// those of the views that readers use.
///
/// Its `Display` is the name of the first table, which is the only one unless [`TABLES`](super::PostgresProjection::TABLES) says
/// otherwise; [`table`](Self::table) is for the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    names: &'static [&'static str],
    version: u32,
    /// In quotes.
    schema: Arc<str>,
}

impl Tables {
    /// Checks the names of the read model `name` and of its tables.
    ///
    /// # Errors
    /// A sentence that says which name breaks which rule.
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

    /// The name that the table `name` has in this version: `"public"."name_v2"`, say. Readers use the view that is
    /// called `name`.
    pub fn table(&self, name: &str) -> String {
        qualified(&self.schema, &table_name(name, self.version))
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// The names that readers use, and those of this version's tables.
    pub(super) fn all(&self) -> impl Iterator<Item = (String, String)> {
        self.names.iter().map(|name| (qualified(&self.schema, name), self.table(name)))
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.table(self.names.first().copied().unwrap_or_default()))
    }
}

/// The names of read models need nothing but quotes.
pub(super) fn qualified(schema: &str, name: &str) -> String {
    format!("{schema}.\"{name}\"")
}
