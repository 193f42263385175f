use std::fmt;

use castore_projection::engine::{check_names, table_name};

/// The table names for one version of a read model. [`create`](super::SqliteProjection::create) and
/// [`apply`](super::SqliteProjection::apply) receive these names and must use them, because the plain names belong to
/// the views that readers use.
///
/// `Display` writes the name of the first table, which is the only one unless
/// [`TABLES`](super::SqliteProjection::TABLES) lists several. [`table`](Self::table) returns the names of the other
/// tables. The names need no quotes in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    names: &'static [&'static str],
    version: u32,
}

impl Tables {
    /// Creates the table names, if the name of the read model and the names of its tables are valid.
    ///
    /// # Errors
    /// A text with the invalid name and the violated rule.
    pub(super) fn new(name: &str, version: u32, names: &'static [&'static str]) -> Result<Self, String> {
        check_names(name, version, names, |name| name.starts_with("sqlite_").then_some("SQLite's own tables"))?;
        Ok(Self { names, version })
    }

    /// Returns the name of the table `name` in this version, for example `name_v2`. Readers use the view `name`.
    pub fn table(&self, name: &str) -> String {
        table_name(name, self.version)
    }

    /// Returns pairs of a name that readers use and the name of the corresponding table in this version.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.names.iter().map(|name| (*name, self.table(name)))
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.table(self.names.first().copied().unwrap_or_default()))
    }
}
