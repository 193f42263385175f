use std::fmt;

use castore_core::inbox::InvalidName;

use super::event_table::IfExists;
use super::migrate::table_statements;
use super::rewrites::{counts_name, create_missing_rewrite_trigger};
use super::{EventTable, Identifier, dollar_quoted, quote_literal, snapshots_name};
use crate::builder::PostgresEventStorageAdapterBuilder;
use crate::inbox::PostgresInbox;

/// The SQL of all tables that this crate uses in a schema, for migrations. `Display` writes the result of
/// [`create`](Self::create). See [`PostgresEventStorageAdapterBuilder::schema_sql`].
///
/// Executing these statements is optional: the adapter creates missing tables itself if its database role is permitted
/// to create them.
#[derive(Debug, Clone)]
pub struct PostgresSchemaSql {
    table: EventTable,
    /// The quoted name of the schema.
    schema: String,
    /// The qualified, quoted name of the event table.
    qualified: String,
    inbox: PostgresInbox,
}

impl PostgresEventStorageAdapterBuilder {
    /// Returns the SQL of all tables for these options: the tables for events, rewrite counts, the state of relays,
    /// snapshots, the registry of read models, and the inbox. If no [`schema`](Self::schema) is set, the tables are in
    /// the schema `public`.
    ///
    /// ```
    /// # use castore_postgres::PostgresEventStorageAdapter;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sql = PostgresEventStorageAdapter::builder().schema("shop").schema_sql()?;
    /// println!("CREATE SCHEMA IF NOT EXISTS shop;\n{}", sql.create());
    /// println!("{}", sql.grant_pushes_to("web")?);
    /// println!("{}", sql.grant_processing_to("worker")?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidName`] if the name of the schema or of the table is empty, contains a NUL character, or is longer than
    /// 63 bytes.
    pub fn schema_sql(&self) -> Result<PostgresSchemaSql, InvalidName> {
        let name = self.table.schema.clone().unwrap_or_else(|| "public".to_owned());
        let table = EventTable { schema: Some(name.clone()), ..self.table.clone() };
        let schema = Identifier::new("schema", &name)?.quoted();
        let inbox = PostgresInbox::new("").schema(&name)?;
        Ok(PostgresSchemaSql { qualified: table.qualified()?, table, schema, inbox })
    }
}

impl PostgresSchemaSql {
    /// Sets the name of the inbox table. Defaults to the table of [`PostgresInbox::new`].
    ///
    /// # Errors
    /// [`InvalidName`] if the name is empty, contains a NUL character, or is longer than 63 bytes.
    pub fn inbox_table(self, table: impl AsRef<str>) -> Result<Self, InvalidName> {
        Ok(Self { inbox: self.inbox.table(table)?, ..self })
    }

    /// Returns the statements that create all missing tables, indexes, functions and triggers. The statements can be
    /// executed repeatedly, and in a transaction. The schema must exist. A later version of this crate may return
    /// further statements, which add columns or tables.
    ///
    /// The statements create the same objects as
    /// [`create_event_table`](crate::PostgresEventStorageAdapter::create_event_table) and the other methods that create
    /// tables. However, if an existing event table lacks an index, the statements block writers while they build the
    /// index. For a large table in use, call `create_event_table` instead. If the event table exists, for example because
    /// the original package has created it, the builder must have the
    /// [`aggregate_id_column`](PostgresEventStorageAdapterBuilder::aggregate_id_column) of this table.
    ///
    /// The tables of a read model are not included: the projection creates them when a process first starts that
    /// version of the read model.
    pub fn create(&self) -> String {
        let Self { table, schema, qualified, inbox } = self;
        let snapshots = self.beside(&snapshots_name(&table.name));
        let mut parts = vec![("Events", without_indentation(&table_statements(table, qualified, IfExists::Skip)))];
        if table.rewrite_trigger {
            parts.push(("Counts of rewritten events", create_missing_rewrite_trigger(table, schema, qualified)));
        }
        let others = [
            ("The state of relays", (crate::relay::TABLES.create)(schema, &snapshots)),
            ("Snapshots", (crate::snapshot::TABLES.create)(schema, &snapshots)),
            ("The registry of read models", crate::projection::create_registry(schema)),
            ("Messages that consumers have handled", inbox.create_sql()),
        ];
        parts.extend(others.map(|(title, sql)| (title, without_indentation(&sql))));
        let part = |(title, sql): (&str, String)| format!("-- {title}\n{sql}\n");
        parts.into_iter().map(part).collect::<Vec<_>>().join("\n")
    }

    /// Returns the `GRANT` statements for a role that pushes and reads events, reads the event log, and takes
    /// snapshots.
    ///
    /// The role may neither replace events nor create tables. For forced pushes, also grant `UPDATE` on the event
    /// table.
    ///
    /// # Errors
    /// [`InvalidName`] if the name of the role is empty, contains a NUL character, or is longer than 63 bytes.
    pub fn grant_pushes_to(&self, role: &str) -> Result<String, InvalidName> {
        self.grants(role, &self.pushing())
    }

    /// Returns the `GRANT` statements for a role that runs relays and projections, and handles messages with an inbox.
    /// The role may read events, but not push them.
    ///
    /// The role may not create tables, so it cannot start a new version of a read model. Start each new version once
    /// with a role that may create tables, for example as a part of the deployment. Then grant the privileges on the
    /// tables of that version, for example with `ALTER DEFAULT PRIVILEGES`. When a new version takes over from an
    /// earlier version, it creates the views of the read model again. Therefore the role of the projection must own the
    /// views.
    ///
    /// # Errors
    /// [`InvalidName`] if the name of the role is empty, contains a NUL character, or is longer than 63 bytes.
    pub fn grant_processing_to(&self, role: &str) -> Result<String, InvalidName> {
        self.grants(role, &self.processing())
    }

    fn pushing(&self) -> Vec<(&'static str, String)> {
        let mut grants = vec![("SELECT, INSERT", self.qualified.clone())];
        grants.extend(self.reading());
        grants
    }

    fn processing(&self) -> Vec<(&'static str, String)> {
        let table = |name| self.beside(&Identifier::fixed(name));
        let mut grants = vec![("SELECT", self.qualified.clone())];
        grants.extend(self.reading());
        grants.push(("SELECT, INSERT, UPDATE", table("castore_relay")));
        grants.push(("SELECT, INSERT, UPDATE, DELETE", table("castore_parked")));
        grants.push(("SELECT, INSERT, UPDATE, DELETE", table("castore_projection")));
        grants.push(("SELECT, INSERT, UPDATE, DELETE", table("castore_projection_parked")));
        grants.push(("SELECT, INSERT, UPDATE, DELETE", table("castore_projection_request")));
        grants.push(("SELECT, INSERT, DELETE", self.inbox.qualified()));
        grants
    }

    /// Returns the privileges for reading aggregates, in addition to those on the event table.
    fn reading(&self) -> Vec<(&'static str, String)> {
        let counts = self.table.rewrite_trigger.then(|| ("SELECT", self.beside(&counts_name(&self.table.name))));
        let snapshots = ("SELECT, INSERT, UPDATE, DELETE", self.beside(&snapshots_name(&self.table.name)));
        counts.into_iter().chain([snapshots]).collect()
    }

    fn grants(&self, role: &str, tables: &[(&'static str, String)]) -> Result<String, InvalidName> {
        let role = Identifier::new("role", role)?.quoted();
        let mut sql = format!("GRANT USAGE ON SCHEMA {} TO {role};\n", self.schema);
        for (privileges, table) in tables {
            sql.push_str(&format!("GRANT {privileges} ON {table} TO {role};\n"));
        }
        // The log is read up to the last number of the sequence. Only the server knows the name of the sequence.
        let body = format!(
            "BEGIN EXECUTE 'GRANT USAGE, SELECT ON SEQUENCE ' || pg_get_serial_sequence({}, 'id') || {}; END",
            quote_literal(&self.qualified),
            quote_literal(&format!(" TO {role}"))
        );
        sql.push_str(&format!("DO {};\n", dollar_quoted(&body)));
        Ok(sql)
    }

    fn beside(&self, name: &Identifier) -> String {
        format!("{}.{}", self.schema, name.quoted())
    }
}

/// Writes the statements of [`create`](Self::create).
impl fmt::Display for PostgresSchemaSql {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.create())
    }
}

/// Removes the indentation of this crate's source code from statements. A block is a line without indentation and the
/// indented lines after it.
fn without_indentation(sql: &str) -> String {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = sql.lines().collect();
    let mut out = Vec::with_capacity(lines.len());
    for block in lines.chunk_by(|_, next| indentation(next) > 0) {
        let least = block.iter().skip(1).map(|line| indentation(line)).min().unwrap_or(0);
        out.extend(block.iter().map(|line| line.get(least.min(indentation(line))..).unwrap_or(line)));
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_is_removed_from_each_block() {
        let sql = "CREATE TABLE a (\n        id INT\n    );\nCREATE INDEX b;\nCREATE TABLE c (\n  id INT\n);";
        let expected = "CREATE TABLE a (\n    id INT\n);\nCREATE INDEX b;\nCREATE TABLE c (\nid INT\n);";
        assert_eq!(without_indentation(sql), expected);
    }
}
