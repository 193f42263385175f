use castore_core::storage::StorageError;
use tokio_postgres::types::FromSql;

use super::{AggregateIdKind, Identifier, RewriteCounts, quote_literal, snapshots_name};
use crate::driver::{DriverError, Row};
use crate::errors::PostgresError;
use crate::statement::{Session, query_once};
use crate::storage::Statements;

/// The internal name of the type `CHAR(n)`, in which trailing spaces are not significant.
pub(crate) const BLANK_PADDED: &str = "bpchar";

/// The definition of the event table in the database.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) oid: u32,
    /// The name with its schema, quoted.
    pub(crate) qualified: String,
    /// The schema of the table, quoted.
    pub(crate) schema: String,
    pub(crate) aggregate_id: AggregateIdKind,
    pub(crate) aggregate_name_length: Option<usize>,
    pub(crate) type_length: Option<usize>,
    pub(crate) max_version: i64,
    /// The names of the unique constraints (or indexes) over aggregate_name, aggregate_id and version.
    pub(crate) keys: Vec<String>,
    /// The expression that allocates the next id, if an insert may use it.
    pub(crate) next_id: Option<String>,
    pub(crate) statements: Statements,
    /// The statements that read the rewrite counts, if rewrites are counted.
    pub(crate) rewrites: Option<RewriteCounts>,
    /// The qualified, quoted name of the snapshot table for this event table. The snapshot table may not exist.
    pub(crate) snapshots: String,
}

/// The query for the columns of the table. Domains are resolved to their base types.
const COLUMNS: &str = "SELECT class.oid, namespace.nspname::text, class.relname::text, attribute.attname::text,
        CASE WHEN type.typtype = 'd' THEN type.typtypmod ELSE attribute.atttypmod END,
        format_type(CASE WHEN type.typtype = 'd' THEN type.typbasetype ELSE attribute.atttypid END, NULL),
        attribute.attidentity <> '' OR coalesce(pg_get_expr(defaults.adbin, defaults.adrelid), '') NOT LIKE 'nextval(%'
    FROM pg_class class
    JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
    JOIN pg_attribute attribute
        ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    JOIN pg_type type ON type.oid = attribute.atttypid
    LEFT JOIN pg_attrdef defaults ON defaults.adrelid = class.oid AND defaults.adnum = attribute.attnum
    WHERE class.oid = to_regclass($1::text)";

/// The SQL condition for a unique index over aggregate_name, aggregate_id and version, in any order.
const IS_KEY: &str = "index.indisunique AND index.indisvalid AND index.indpred IS NULL AND index.indnkeyatts = 3
    AND (SELECT array_agg(attribute.attname::text ORDER BY attribute.attname::text) FROM pg_attribute attribute
         WHERE attribute.attrelid = index.indrelid AND attribute.attnum = ANY ((index.indkey::int2[])[0:2]))
        = ARRAY['aggregate_id', 'aggregate_name', 'version']";

/// Reads the definition of a table. Returns `None` if the table does not exist.
pub(crate) async fn describe(client: &impl Session, name: &str) -> Result<Option<Table>, StorageError> {
    let columns = query_once(client, COLUMNS, &[&name]).await.map_err(failed)?;
    let Some(first) = columns.first() else {
        return Ok(None);
    };
    let (oid, schema, relation): (u32, &str, &str) = (value(first, 0)?, value(first, 1)?, value(first, 2)?);
    let identifier = |what, name| Identifier::new(what, name).map(|name| name.quoted()).map_err(StorageError::engine);
    let schema = identifier("schema", schema)?;
    let qualified = format!("{schema}.{}", identifier("table", relation)?);
    let missing = |what: &str| {
        StorageError::engine(PostgresError::text(format!(
            "{qualified} is not an event table (it has no {what}); choose another with `PostgresEventStorageAdapterBuilder::table`"
        )))
    };
    let column = |name: &str| {
        columns
            .iter()
            .find(|row| row.try_get(3).is_ok_and(|column: &str| column == name))
            .ok_or_else(|| missing(&format!("column {name:?}")))
    };
    for name in ["data", "metadata", "timestamp"] {
        column(name)?;
    }
    let (aggregate_name, aggregate_id) = (column("aggregate_name")?, column("aggregate_id")?);
    let (version, event_type, id) = (column("version")?, column("type")?, column("id")?);

    let sql = format!(
        "SELECT class.relname::text FROM pg_index index JOIN pg_class class ON class.oid = index.indexrelid
         WHERE index.indrelid = $1 AND {IS_KEY}"
    );
    let keys = query_once(client, &sql, &[&oid]).await.map_err(failed)?;
    let keys = keys.iter().map(|row| value(row, 0)).collect::<Result<Vec<String>, _>>()?;
    if keys.is_empty() {
        return Err(missing("unique constraint over aggregate_name, aggregate_id and version"));
    }
    let mut next_id = None;
    if !value::<bool>(id, 6)? {
        let sequence = query_once(client, "SELECT pg_get_serial_sequence($1, 'id')", &[&qualified]).await;
        next_id = sequence
            .map_err(failed)?
            .first()
            .map(|row| value::<Option<&str>>(row, 0))
            .transpose()?
            .flatten()
            .map(|sequence| format!("nextval({}::regclass)", quote_literal(sequence)));
    }
    let rewrites = RewriteCounts::find(client, oid, &schema, relation).await.map_err(failed)?;
    let aggregate_id = match type_name(aggregate_id)? {
        "uuid" => AggregateIdKind::Uuid,
        "text" | "character varying" => AggregateIdKind::Text { length: length(aggregate_id)? },
        // A cast to `character` would truncate the value to one character. A cast to `bpchar` does not.
        "character" => AggregateIdKind::Other { name: BLANK_PADDED.to_owned() },
        other => AggregateIdKind::Other { name: other.to_owned() },
    };
    Ok(Some(Table {
        oid,
        statements: Statements::new(&qualified, &aggregate_id),
        aggregate_id,
        aggregate_name_length: length(aggregate_name)?,
        type_length: length(event_type)?,
        max_version: match type_name(version)? {
            "smallint" => i64::from(i16::MAX),
            "integer" => i64::from(i32::MAX),
            _ => i64::MAX,
        },
        keys,
        next_id,
        snapshots: format!("{schema}.{}", snapshots_name(relation).quoted()),
        schema,
        rewrites,
        qualified,
    }))
}

/// Returns whether an index is a unique index over aggregate_name, aggregate_id and version. The name of the index
/// comes from the unique violation of a table or a partition.
pub(crate) async fn is_event_key(client: &impl Session, schema: &str, index: &str) -> Result<bool, StorageError> {
    let sql = format!(
        "SELECT 1 FROM pg_index index JOIN pg_class class ON class.oid = index.indexrelid
         JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
         WHERE namespace.nspname = $1 AND class.relname = $2 AND {IS_KEY}"
    );
    let found = query_once(client, &sql, &[&schema, &index]).await;
    found.map(|rows| !rows.is_empty()).map_err(failed)
}

fn failed(error: DriverError) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}

fn value<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StorageError> {
    row.try_get(column).map_err(failed)
}

fn type_name(column: &Row) -> Result<&str, StorageError> {
    value(column, 5)
}

/// Returns the maximum number of characters of a `VARCHAR` column, if the column has a limit.
fn length(column: &Row) -> Result<Option<usize>, StorageError> {
    const HEADER: i32 = 4;
    Ok(match type_name(column)? {
        "character varying" => usize::try_from(value::<i32>(column, 4)? - HEADER).ok(),
        _ => None,
    })
}
