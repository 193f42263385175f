use std::fmt;

use super::SqliteProjection;

/// The names of the tables of one version of a read model, for
/// [`create`](SqliteProjection::create) and [`apply`](SqliteProjection::apply), which must take all names from here:
/// the plain names are those of the views that readers use.
///
/// Its `Display` is the name of the first table, which is the only one unless
/// [`TABLES`](SqliteProjection::TABLES) says otherwise; [`table`](Self::table) is for the others. None needs quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    names: &'static [&'static str],
    version: u32,
}

impl Tables {
    /// # Errors
    /// What is wrong with the names.
    pub(super) fn of<P: SqliteProjection>() -> Result<Self, String> {
        if P::VERSION == 0 {
            return Err("versions begin at 1".to_owned());
        }
        if P::TABLES.is_empty() {
            return Err("it has no table".to_owned());
        }
        for name in P::TABLES.iter().copied().chain([P::NAME]) {
            let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
            let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !begins_well || !is_plain {
                return Err(format!("{name:?} must be lower case letters, digits and _, and begin with a letter"));
            }
            if let Some(owner) = reserved_for(name) {
                return Err(format!("the name {name:?} is reserved for {owner}"));
            }
        }
        Ok(Self { names: P::TABLES, version: P::VERSION })
    }

    /// The name that the table `name` has in this version: `name_v2`, say. Readers use the view that is called `name`.
    pub fn table(&self, name: &str) -> String {
        format!("{name}_v{}", self.version)
    }

    /// The names that readers use, and those of this version's tables.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.names.iter().map(|name| (*name, self.table(name)))
    }
}

fn reserved_for(name: &str) -> Option<&'static str> {
    match name {
        "event" => Some("the table of events"),
        _ if name.starts_with("castore_") => Some("castore's own tables"),
        _ if name.starts_with("sqlite_") => Some("SQLite's own tables"),
        _ => None,
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.names.first().copied().unwrap_or_default();
        write!(formatter, "{first}_v{}", self.version)
    }
}
