use std::time::{Duration, Instant};

use castore_core::storage::StorageError;
use tokio_postgres::error::SqlState;

use super::describe::describe;
use super::event_table::IfExists;
use super::rewrites::{create_rewrite_trigger, drop_counts};
use super::{EventTable, Identifier, Table, quote_literal, snapshots_name};
use crate::driver::{Client, DriverError};
use crate::errors::{PostgresError, SchemaError};
use crate::statement::{Session, query_once};
use crate::storage::initial_event_index_columns;

/// The time limits for waiting during schema changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The time limit for locks that make other transactions wait.
    pub(crate) lock: Duration,
    /// The time limit for waits that block no other transaction: for other processes that migrate, and for transactions
    /// that are older than an index build.
    pub(crate) migration: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { lock: Duration::from_secs(5), migration: Duration::from_secs(600) }
    }
}

impl Patience {
    /// Returns the statement that sets the lock timeout of the session.
    fn set(time: Duration) -> String {
        format!("SET lock_timeout = {}", time.as_millis().clamp(1, i32::MAX as u128))
    }

    /// Returns the statement that sets the lock timeout of the transaction.
    pub(crate) fn set_local(time: Duration) -> String {
        Self::set(time).replacen("SET", "SET LOCAL", 1)
    }
}

pub(super) const POLL: Duration = Duration::from_millis(20);

/// Creates the table, or adds the missing parts to a table that another version of this crate or the original package
/// created.
///
/// This function needs a session. Use [`create_in_transactions`](super::create_in_transactions) for poolers in
/// transaction mode.
///
/// The connection is taken out of the pool permanently: closing the connection releases the lock and discards all
/// settings, even if this future is dropped.
pub(crate) async fn create(client: Client, table: &EventTable, patience: Patience) -> Result<(), SchemaError> {
    let Turn { client, table, schema, qualified } = Turn::wait(client, table, patience).await?;
    let Some(found) = describe(&client, &qualified).await.map_err(not_described)? else {
        return create_table(&client, &table, &qualified).await;
    };
    if table.rewrite_trigger && found.rewrites.is_none() {
        match add_rewrite_trigger(&client, &table, &found).await {
            // Everything works without the triggers, but rewrites are not detected.
            Err(error @ SchemaError::NotPermitted { .. }) => {
                tracing::debug!(
                    table = found.qualified,
                    error = castore_core::error::error_chain(&error),
                    "could not create the triggers that count rewrites"
                );
            }
            result => result?,
        }
    }
    add_index(&client, &table, &schema, &found, patience).await
}

/// Creates only the rewrite counts, for an existing table.
pub(crate) async fn create_rewrite_counts(
    client: Client,
    table: &EventTable,
    patience: Patience,
) -> Result<(), SchemaError> {
    let Turn { client, table, qualified, .. } = Turn::wait(client, table, patience).await?;
    let found = describe(&client, &qualified)
        .await
        .map_err(not_described)?
        .ok_or_else(|| SchemaError::Engine(PostgresError::text(format!("the table {qualified} does not exist"))))?;
    match found.rewrites {
        Some(_) => Ok(()),
        None => add_rewrite_trigger(&client, &table, &found).await,
    }
}

/// Creates the missing tables beside the event table. The statements in `sql` must use `IF NOT EXISTS`.
pub(crate) async fn create_tables(
    client: Client,
    schema: &str,
    sql: &str,
    what: &str,
    patience: Patience,
) -> Result<(), SchemaError> {
    // The statements are one transaction. Without the advisory lock, one of two processes that create the same table
    // would fail.
    client
        .batch(&format!(
            "SET LOCAL client_min_messages = warning; {}; SELECT pg_advisory_xact_lock(hashtextextended({}, 0)); {sql}",
            Patience::set_local(patience.lock),
            quote_literal(&format!("castore {schema}"))
        ))
        .await
        .map_err(|error| refused(error, schema, what))
}

/// A connection that holds the advisory lock for changing a table. Closing the connection releases the lock and
/// discards all settings.
struct Turn {
    client: Client,
    table: EventTable,
    schema: String,
    qualified: String,
}

impl Turn {
    async fn wait(client: Client, table: &EventTable, patience: Patience) -> Result<Self, SchemaError> {
        let client = client.detach();
        client.batch(&format!("SET statement_timeout = 0; {}", Patience::set(patience.lock))).await.map_err(engine)?;
        let schema = match &table.schema {
            Some(schema) => schema.clone(),
            None => current_schema(&client).await?,
        };
        let table = EventTable { schema: Some(schema.clone()), ..table.clone() };
        let qualified = table.qualified().map_err(other)?;
        wait_for_turn(&client, &qualified, patience.migration).await?;
        Ok(Self { client, table, schema, qualified })
    }
}

pub(crate) async fn drop_table(
    client: Client,
    table: &EventTable,
    qualified: &str,
    patience: Patience,
) -> Result<(), SchemaError> {
    let schema = table.schema.as_deref().map(|schema| Identifier::new("schema", schema)).transpose().map_err(other)?;
    let schema = schema.map(|schema| schema.quoted());
    let counts = drop_counts(table, schema.as_deref());
    // The snapshots are dropped, too, because they would be wrong for a new table of the same name.
    let snapshots = snapshots_name(&table.name).quoted();
    let snapshots = schema.map_or_else(|| snapshots.clone(), |schema| format!("{schema}.{snapshots}"));
    client
        .batch(&format!(
            "{}; DROP TABLE IF EXISTS {qualified}; DROP TABLE IF EXISTS {snapshots}; {counts}",
            Patience::set_local(patience.lock)
        ))
        .await
        .map_err(|error| refused(error, qualified, "the privilege to drop it"))
}

pub(super) async fn current_schema(client: &impl Session) -> Result<String, SchemaError> {
    let rows = query_once(client, "SELECT current_schema()::text", &[]).await.map_err(engine)?;
    rows.first().and_then(|row| row.try_get(0).ok().flatten()).ok_or_else(|| {
        SchemaError::Engine(PostgresError::text(
            "no schema of the search path exists; set an existing schema with `schema`",
        ))
    })
}

/// Acquires the advisory lock, so that one process at a time changes the table. Polls for the lock instead of waiting
/// in a statement: a concurrent index build waits for all older statements, so two processes would wait for each other.
async fn wait_for_turn(client: &Client, qualified: &str, time: Duration) -> Result<(), SchemaError> {
    let until = Instant::now() + time;
    loop {
        let lock = "SELECT pg_try_advisory_lock(hashtextextended('castore ' || $1::text, 0))";
        let rows = query_once(client, lock, &[&qualified]).await.map_err(engine)?;
        if rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false)) {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(SchemaError::Locked { table: qualified.to_owned() });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Creates a new table with its indexes, in one transaction.
async fn create_table(client: &Client, table: &EventTable, qualified: &str) -> Result<(), SchemaError> {
    let sql = create_statements(table, qualified)?;
    client.batch(&format!("BEGIN; {sql} COMMIT")).await.map_err(|error| refused(error, qualified, "the table"))?;
    tracing::debug!(table = qualified, "created an event table");
    Ok(())
}

/// Returns the statements that create an event table and its indexes. The table and the triggers that count rewrites are
/// created by other statements.
pub(super) fn table_statements(table: &EventTable, qualified: &str, if_exists: IfExists) -> String {
    let clause = if_exists.clause();
    let mut sql = format!("{};\n", table.create_statement(qualified, if_exists));
    for (name, columns) in table.original_indexes() {
        sql.push_str(&format!("CREATE INDEX {clause}{} ON {qualified} {columns};\n", name.quoted()));
    }
    let kind = table.aggregate_id.into();
    let columns = initial_event_index_columns(&kind);
    sql.push_str(&format!("CREATE INDEX {clause}{} ON {qualified} {columns};\n", own_index(table).quoted()));
    sql
}

/// Returns the statements that create a new table with its indexes and rewrite counts.
pub(super) fn create_statements(table: &EventTable, qualified: &str) -> Result<String, SchemaError> {
    let mut sql = table_statements(table, qualified, IfExists::Fail);
    if table.rewrite_trigger {
        let schema = quoted_schema(table)?;
        sql.push_str(&create_rewrite_trigger(table, &schema, qualified));
        sql.push(';');
    }
    Ok(sql)
}

fn quoted_schema(table: &EventTable) -> Result<String, SchemaError> {
    let schema = Identifier::new("schema", table.schema.as_deref().unwrap_or_default()).map_err(other)?;
    Ok(schema.quoted())
}

/// Creates the rewrite counts. The statement waits for current writers, for at most the lock timeout, and new writers
/// wait for the statement.
async fn add_rewrite_trigger(client: &Client, table: &EventTable, found: &Table) -> Result<(), SchemaError> {
    // Several statements in one message are one transaction.
    let sql = create_rewrite_trigger(table, &found.schema, &found.qualified);
    client.batch(&sql).await.map_err(|error| refused(error, &found.qualified, "the trigger for rewrites"))?;
    tracing::debug!(table = found.qualified, "created the triggers that count rewrites");
    Ok(())
}

/// Creates the only index that this crate adds to an existing table, unless the index is valid already. The table may
/// be in use, so the index is built without blocking writers.
async fn add_index(
    client: &Client,
    table: &EventTable,
    schema: &str,
    found: &Table,
    patience: Patience,
) -> Result<(), SchemaError> {
    let name = own_index(table);
    let what = format!("the index {}", name.quoted());
    let failed = |error| refused(error, &found.qualified, &what);
    let invalid = match index_is_valid(client, schema, &name).await? {
        Some(true) => return Ok(()),
        // An interrupted build has left an invalid index.
        Some(false) => true,
        None => false,
    };
    client.batch(&Patience::set(patience.migration)).await.map_err(engine)?;
    if invalid {
        let schema = Identifier::new("schema", schema).map_err(other)?.quoted();
        client.batch(&format!("DROP INDEX CONCURRENTLY {schema}.{}", name.quoted())).await.map_err(failed)?;
    }
    let columns = initial_event_index_columns(&found.aggregate_id);
    client
        .batch(&format!("CREATE INDEX CONCURRENTLY {} ON {} {columns}", name.quoted(), found.qualified))
        .await
        .map_err(failed)?;
    tracing::debug!(table = found.qualified, index = name.as_str(), "added an index to an event table");
    Ok(())
}

/// Returns whether an index is valid, or `None` if the index does not exist.
pub(super) async fn index_is_valid(
    client: &impl Session,
    schema: &str,
    index: &Identifier,
) -> Result<Option<bool>, SchemaError> {
    let sql = "SELECT index.indisvalid FROM pg_class class JOIN pg_namespace namespace
            ON namespace.oid = class.relnamespace JOIN pg_index index ON index.indexrelid = class.oid
         WHERE namespace.nspname = $1 AND class.relname = $2";
    let rows = query_once(client, sql, &[&schema, &index.as_str()]).await.map_err(engine)?;
    rows.first().map(|row| row.try_get(0)).transpose().map_err(engine)
}

pub(super) fn own_index(table: &EventTable) -> Identifier {
    Identifier::derived("idx_", &table.name, "_initial_event")
}

/// Converts a server error that occurred while creating, changing or dropping a table.
pub(crate) fn refused(error: DriverError, table: &str, missing: &str) -> SchemaError {
    match error.code() {
        Some(&SqlState::LOCK_NOT_AVAILABLE) => SchemaError::Locked { table: table.to_owned() },
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            SchemaError::NotPermitted { missing: format!("{missing} of {table}"), source: error.into() }
        }
        Some(&SqlState::INVALID_SCHEMA_NAME) => SchemaError::MissingSchema(error.into()),
        _ => engine(error),
    }
}

/// Converts an error that occurred while the definition of a table was read: the server failed, or the table is not an
/// event table.
pub(super) fn not_described(error: StorageError) -> SchemaError {
    match error {
        StorageError::Engine(source) => match source.downcast::<PostgresError>() {
            Ok(error) if error.of_driver().is_some() => SchemaError::Engine(*error),
            Ok(error) => SchemaError::OtherTable(error),
            Err(source) => SchemaError::OtherTable(source),
        },
        error => other(error),
    }
}

pub(super) fn engine(error: DriverError) -> SchemaError {
    SchemaError::Engine(error.into())
}

pub(super) fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SchemaError {
    SchemaError::OtherTable(error.into())
}
