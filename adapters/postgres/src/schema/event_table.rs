use castore_core::inbox::InvalidName;

use super::Identifier;

/// The type of the aggregate id column in a new table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AggregateIdColumn {
    /// `UUID`, as in the tables of the original TypeScript package. Ids that are not UUIDs are rejected.
    Uuid,
    /// `VARCHAR` with this maximum number of characters.
    Varchar(u32),
    /// `TEXT`.
    #[default]
    Text,
}

/// The size of an integer column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IntegerSize {
    /// `INTEGER`, or `SERIAL`: up to 2 147 483 647.
    Four,
    /// `BIGINT`, or `BIGSERIAL`.
    #[default]
    Eight,
}

/// The behavior of a statement that creates a table or an index, if the table or the index exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfExists {
    Fail,
    Skip,
}

impl IfExists {
    pub(super) fn clause(self) -> &'static str {
        match self {
            Self::Fail => "",
            Self::Skip => "IF NOT EXISTS ",
        }
    }
}

/// The name of the event table, and the options for creating it.
#[derive(Debug, Clone)]
pub(crate) struct EventTable {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    pub(crate) aggregate_id: AggregateIdColumn,
    pub(crate) aggregate_name_length: u32,
    pub(crate) type_length: u32,
    pub(crate) id: IntegerSize,
    pub(crate) version: IntegerSize,
    pub(crate) original_indexes: bool,
    pub(crate) rewrite_trigger: bool,
}

impl Default for EventTable {
    fn default() -> Self {
        Self {
            schema: None,
            name: "event".to_owned(),
            aggregate_id: AggregateIdColumn::default(),
            aggregate_name_length: 32,
            type_length: 64,
            id: IntegerSize::default(),
            version: IntegerSize::default(),
            original_indexes: true,
            rewrite_trigger: true,
        }
    }
}

impl EventTable {
    /// Returns the quoted name. Without a schema, Postgres looks for the table along its search path.
    pub(crate) fn qualified(&self) -> Result<String, InvalidName> {
        let name = Identifier::new("table", &self.name)?.quoted();
        Ok(match &self.schema {
            Some(schema) => format!("{}.{name}", Identifier::new("schema", schema)?.quoted()),
            None => name,
        })
    }

    /// Returns the statement that creates the table, with the same columns as in the original TypeScript package.
    /// Postgres chooses the name of the unique constraint, and truncates long names. The original package recognizes
    /// conflicts by the name of this constraint.
    pub(crate) fn create_statement(&self, qualified: &str, if_exists: IfExists) -> String {
        let aggregate_id = match self.aggregate_id {
            AggregateIdColumn::Uuid => "UUID".to_owned(),
            AggregateIdColumn::Varchar(length) => format!("VARCHAR({length})"),
            AggregateIdColumn::Text => "TEXT".to_owned(),
        };
        let (id, version) = (
            if self.id == IntegerSize::Four { "SERIAL" } else { "BIGSERIAL" },
            if self.version == IntegerSize::Four { "INTEGER" } else { "BIGINT" },
        );
        format!(
            "CREATE TABLE {}{qualified} (
                id {id} PRIMARY KEY,
                aggregate_name VARCHAR({}) NOT NULL,
                aggregate_id {aggregate_id} NOT NULL,
                version {version} NOT NULL,
                type VARCHAR({}) NOT NULL,
                data JSONB,
                metadata JSONB,
                timestamp TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
                UNIQUE (aggregate_name, aggregate_id, version)
            )",
            if_exists.clause(),
            self.aggregate_name_length,
            self.type_length
        )
    }

    /// Returns the names and columns of the indexes that the original package creates on its first table. This crate
    /// creates these indexes on every new table, unless the option is disabled.
    pub(crate) fn original_indexes(&self) -> Vec<(Identifier, &'static str)> {
        if !self.original_indexes {
            return Vec::new();
        }
        [
            ("_aggregate_name", "(aggregate_name)"),
            ("_version", "(version)"),
            ("_aggregate_lookup", "(aggregate_name, aggregate_id)"),
        ]
        .map(|(after, columns)| (Identifier::derived("idx_", &self.name, after), columns))
        .into()
    }
}

impl From<AggregateIdColumn> for super::AggregateIdKind {
    fn from(column: AggregateIdColumn) -> Self {
        match column {
            AggregateIdColumn::Uuid => Self::Uuid,
            AggregateIdColumn::Varchar(length) => Self::Text { length: usize::try_from(length).ok() },
            AggregateIdColumn::Text => Self::Text { length: None },
        }
    }
}
