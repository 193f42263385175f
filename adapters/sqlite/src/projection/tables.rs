use std::fmt;

use castore_projection::engine::{check_names, table_name};

/// The names of the tables of one version of a read model, for
/// [`create`](super::SqliteProjection::create) and [`apply`](super::SqliteProjection::apply), which must take all names from here:
/// the plain names are those of the views that readers use.
///
/// Its `Display` is the name of the first table, which is the only one unless
/// [`TABLES`](super::SqliteProjection::TABLES) says otherwise; [`table`](Self::table) is for the others. None needs quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    names: &'static [&'static str],
    version: u32,
}

impl Tables {
    /// Checks the names of the read model `name` and of its tables.
    ///
    /// # Errors
    /// A sentence that says which name breaks which rule.
    pub(super) fn new(name: &str, version: u32, names: &'static [&'static str]) -> Result<Self, String> {
        check_names(name, version, names, |name| name.starts_with("sqlite_").then_some("SQLite's own tables"))?;
        Ok(Self { names, version })
    }

    /// The name that the table `name` has in this version: `name_v2`, say. Readers use the view that is called `name`.
    pub fn table(&self, name: &str) -> String {
        table_name(name, self.version)
    }

    /// The names that readers use, and those of this version's tables.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.names.iter().map(|name| (*name, self.table(name)))
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.table(self.names.first().copied().unwrap_or_default()))
    }
}
