use std::time::{Duration, Instant};

use deadpool_postgres::{ClientWrapper, Object};
use tokio_postgres::error::SqlState;

use super::describe::describe;
use super::{EventTable, Identifier, Table};
use crate::errors::{PostgresError, SchemaError};
use crate::storage::initial_event_index_columns;

/// How long what is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Locks that make others wait, too.
    pub(crate) lock: Duration,
    /// What makes nobody wait: others that migrate, and transactions that an index has to outlive.
    pub(crate) migration: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { lock: Duration::from_secs(5), migration: Duration::from_secs(600) }
    }
}

impl Patience {
    fn set(time: Duration) -> String {
        format!("SET lock_timeout = {}", time.as_millis().clamp(1, i32::MAX as u128))
    }
}

const POLL: Duration = Duration::from_millis(20);

/// Creates the table, or adds what this crate wants beside what another version, or the original package, created.
///
/// It takes the connection for good: closing it gives back the lock and all settings, also when this is dropped.
pub(crate) async fn create(client: Object, table: &EventTable, patience: Patience) -> Result<(), SchemaError> {
    let client = Object::take(client);
    client
        .batch_execute(&format!("SET statement_timeout = 0; {}", Patience::set(patience.lock)))
        .await
        .map_err(engine)?;
    let schema = match &table.schema {
        Some(schema) => schema.clone(),
        None => current_schema(&client).await?,
    };
    let table = EventTable { schema: Some(schema.clone()), ..table.clone() };
    let qualified = table.qualified().map_err(other)?;
    wait_for_turn(&client, &qualified, patience.migration).await?;
    match describe(&client, &qualified).await.map_err(other)? {
        None => create_table(&client, &table, &qualified).await,
        Some(found) => add_index(&client, &table, &schema, &found, patience).await,
    }
}

pub(crate) async fn drop_table(client: Object, qualified: &str, patience: Patience) -> Result<(), SchemaError> {
    let client = Object::take(client);
    client
        .batch_execute(&format!("{}; DROP TABLE IF EXISTS {qualified}", Patience::set(patience.lock)))
        .await
        .map_err(|error| refused(error, qualified, "the right to drop it"))
}

async fn current_schema(client: &ClientWrapper) -> Result<String, SchemaError> {
    let row = client.query_one("SELECT current_schema()::text", &[]).await.map_err(engine)?;
    row.get::<_, Option<String>>(0).ok_or_else(|| {
        SchemaError::Engine(PostgresError::text("the connection's search path names no schema that exists; name one"))
    })
}

/// One process at a time. It asks again and again instead of waiting in a statement: an index that is built
/// concurrently waits for all statements before it, so two processes would wait for each other.
async fn wait_for_turn(client: &ClientWrapper, qualified: &str, time: Duration) -> Result<(), SchemaError> {
    let until = Instant::now() + time;
    loop {
        let row = client
            .query_one("SELECT pg_try_advisory_lock(hashtextextended('castore ' || $1::text, 0))", &[&qualified])
            .await
            .map_err(engine)?;
        if row.get(0) {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(SchemaError::Locked { table: qualified.to_owned() });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// A new table comes with its indexes, in one transaction.
async fn create_table(client: &ClientWrapper, table: &EventTable, qualified: &str) -> Result<(), SchemaError> {
    let mut sql = format!("BEGIN; {};", table.create_statement(qualified));
    for (name, columns) in table.original_indexes() {
        sql.push_str(&format!("CREATE INDEX {} ON {qualified} {columns};", name.quoted()));
    }
    let kind = table.aggregate_id.into();
    let columns = initial_event_index_columns(&kind);
    sql.push_str(&format!("CREATE INDEX {} ON {qualified} {columns}; COMMIT", own_index(table).quoted()));
    client.batch_execute(&sql).await.map_err(|error| refused(error, qualified, "the table"))?;
    tracing::debug!(table = qualified, "created an event table");
    Ok(())
}

/// The one index that this crate adds. The table may be in use: it is built without locking writers out.
async fn add_index(
    client: &ClientWrapper,
    table: &EventTable,
    schema: &str,
    found: &Table,
    patience: Patience,
) -> Result<(), SchemaError> {
    let name = own_index(table);
    let index = client
        .query_opt(
            "SELECT index.indisvalid FROM pg_class class JOIN pg_namespace namespace
                ON namespace.oid = class.relnamespace JOIN pg_index index ON index.indexrelid = class.oid
             WHERE namespace.nspname = $1 AND class.relname = $2",
            &[&schema, &name.as_str()],
        )
        .await
        .map_err(engine)?;
    let what = format!("the index {}", name.quoted());
    let failed = |error| refused(error, &found.qualified, &what);
    let invalid = match index.map(|row| row.get(0)) {
        Some(true) => return Ok(()),
        // What a build that was interrupted leaves behind.
        Some(false) => true,
        None => false,
    };
    client.batch_execute(&Patience::set(patience.migration)).await.map_err(engine)?;
    if invalid {
        let schema = Identifier::new("schema", schema).map_err(other)?.quoted();
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY {schema}.{}", name.quoted())).await.map_err(failed)?;
    }
    let columns = initial_event_index_columns(&found.aggregate_id);
    client
        .batch_execute(&format!("CREATE INDEX CONCURRENTLY {} ON {} {columns}", name.quoted(), found.qualified))
        .await
        .map_err(failed)?;
    tracing::debug!(table = found.qualified, index = name.as_str(), "added an index to an event table");
    Ok(())
}

fn own_index(table: &EventTable) -> Identifier {
    Identifier::derived("idx_", &table.name, "_initial_event")
}

fn refused(error: tokio_postgres::Error, table: &str, missing: &str) -> SchemaError {
    match error.code() {
        Some(&SqlState::LOCK_NOT_AVAILABLE) => SchemaError::Locked { table: table.to_owned() },
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            SchemaError::NotPermitted { missing: format!("{missing} of {table}"), source: error.into() }
        }
        _ => engine(error),
    }
}

fn engine(error: tokio_postgres::Error) -> SchemaError {
    SchemaError::Engine(error.into())
}

fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SchemaError {
    SchemaError::OtherTable(error.into())
}
