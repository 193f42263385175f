use std::time::Instant;

use super::describe::{Table, describe};
use super::migrate::{
    POLL, Patience, create_statements, current_schema, engine, index_is_valid, not_described, other, own_index, refused,
};
use super::rewrites::create_rewrite_trigger;
use super::{EventTable, Identifier};
use crate::driver::Client;
use crate::errors::{PostgresError, SchemaError};
use crate::statement::{Session, query_once};

/// Creates the table, or adds missing parts, without session settings and session locks, because a pooler in
/// transaction mode would pass such settings and locks on to another client.
///
/// The index of this crate is not added to a table that exists, because a build that does not block writers cannot be
/// part of a transaction. If the index is missing, returns [`SchemaError::NeedsSession`].
pub(crate) async fn create_in_transactions(
    client: Client,
    table: &EventTable,
    patience: Patience,
) -> Result<(), SchemaError> {
    let place = Place::find(&client, table).await?;
    let client = client.detach();
    let Some(found) = in_turn(&client, &place, patience, Step::Table).await? else { return Ok(()) };
    if table.rewrite_trigger && found.rewrites.is_none() {
        match in_turn(&client, &place, patience, Step::RewriteCounts).await {
            // Everything works without the triggers, but rewrites are not detected.
            Err(error @ SchemaError::NotPermitted { .. }) => {
                tracing::debug!(
                    table = found.qualified,
                    error = castore_core::error::error_chain(&error),
                    "could not create the triggers that count rewrites"
                );
            }
            result => drop(result?),
        }
    }
    let index = own_index(&place.table);
    match index_is_valid(&client, &place.schema, &index).await? {
        Some(true) => Ok(()),
        _ => Err(SchemaError::NeedsSession { missing: format!("the index {} of {}", index.quoted(), found.qualified) }),
    }
}

/// Creates only the rewrite counts, for an existing table.
pub(crate) async fn create_rewrite_counts_in_transaction(
    client: Client,
    table: &EventTable,
    patience: Patience,
) -> Result<(), SchemaError> {
    let client = client.detach();
    let place = Place::find(&client, table).await?;
    in_turn(&client, &place, patience, Step::RewriteCounts).await.map(drop)
}

/// The table to create, with its schema.
struct Place {
    table: EventTable,
    schema: String,
    qualified: String,
}

impl Place {
    async fn find(client: &Client, table: &EventTable) -> Result<Self, SchemaError> {
        let schema = match &table.schema {
            Some(schema) => schema.clone(),
            None => current_schema(client).await?,
        };
        let table = EventTable { schema: Some(schema.clone()), ..table.clone() };
        let qualified = table.qualified().map_err(other)?;
        Ok(Self { table, schema, qualified })
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Creates the table, unless it exists.
    Table,
    /// Creates the rewrite counts of an existing table, unless they exist.
    RewriteCounts,
}

impl Step {
    /// Executes the step, and returns the definition that the table had before the step, or `None` if the table did not
    /// exist.
    async fn run(self, transaction: &Client, place: &Place) -> Result<Option<Table>, SchemaError> {
        let Place { table, schema, qualified } = place;
        let found = describe(transaction, qualified).await.map_err(not_described)?;
        let (sql, what) = match (self, &found) {
            (Self::Table, None) => (create_statements(table, qualified)?, "the table"),
            (Self::RewriteCounts, Some(found)) if found.rewrites.is_none() => {
                let schema = Identifier::new("schema", schema).map_err(other)?.quoted();
                (create_rewrite_trigger(table, &schema, qualified), "the trigger for rewrites")
            }
            (Self::RewriteCounts, None) => {
                return Err(SchemaError::Engine(PostgresError::text(format!("the table {qualified} does not exist"))));
            }
            (Self::Table | Self::RewriteCounts, Some(_)) => return Ok(found),
        };
        transaction.batch(&sql).await.map_err(|error| refused(error, qualified, what))?;
        tracing::debug!(table = qualified, created = what, "changed the schema of an event table");
        Ok(found)
    }
}

/// Runs a step while no other process changes the table. Polls for the lock instead of waiting in a statement: a
/// concurrent index build of a process with a direct connection waits for all older transactions, so the two processes
/// would wait for each other.
///
/// The connection was taken out of its pool: if the future is dropped within a transaction, the connection is closed.
async fn in_turn(client: &Client, place: &Place, patience: Patience, step: Step) -> Result<Option<Table>, SchemaError> {
    const LOCK: &str = "SELECT pg_try_advisory_xact_lock(hashtextextended('castore ' || $1::text, 0))";
    let until = Instant::now() + patience.migration;
    loop {
        client.batch("BEGIN").await.map_err(engine)?;
        let settings = format!("SET LOCAL statement_timeout = 0; {}", Patience::set_local(patience.lock));
        client.batch(&settings).await.map_err(engine)?;
        let locked = query_once(client, LOCK, &[&place.qualified]).await.map_err(engine)?;
        if locked.first().is_some_and(|row| row.try_get(0).unwrap_or(false)) {
            let found = step.run(client, place).await;
            let end = if found.is_ok() { "COMMIT" } else { "ROLLBACK" };
            client.batch(end).await.map_err(engine)?;
            return found;
        }
        client.batch("ROLLBACK").await.map_err(engine)?;
        if Instant::now() >= until {
            return Err(SchemaError::Locked { table: place.qualified.clone() });
        }
        tokio::time::sleep(POLL).await;
    }
}
