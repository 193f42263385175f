use std::fmt;

use castore_projection::engine::{check_names, table_name};

/// The names of the tables of one version of a read model, for [`create`](super::SqliteProjection::create) and
/// [`apply`](super::SqliteProjection::apply). Both must use these names, because the plain names are those of the views
/// that readers use. `Display` writes the name of the first table, which is the only one unless
/// [`TABLES`](super::SqliteProjection::TABLES) lists several.
///
/// [`table`](Self::table) returns the others. The names need no quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    names: &'static [&'static str],
    version: u32,
}

impl Tables {
    /// Checks the names of the read model `name` and of its tables.
    ///
    /// # Errors
    /// A text with the invalid name and the rule.
    pub(super) fn new(name: &str, version: u32, names: &'static [&'static str]) -> Result<Self, String> {
        check_names(name, version, names, |name| name.starts_with("sqlite_").then_some("SQLite's own tables"))?;
        Ok(Self { names, version })
    }

    /// Returns the name of the table `name` in this version, for example `name_v2`. Readers use the view `name`.
    pub fn table(&self, name: &str) -> String {
        table_name(name, self.version)
    }

    /// Returns the names that readers use, with those of this version's tables.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.names.iter().map(|name| (*name, self.table(name)))
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.table(self.names.first().copied().unwrap_or_default()))
    }
}
