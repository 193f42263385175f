use castore_core::log::LogId;
use castore_core::storage::StorageError;
use tokio_postgres::types::FromSql;

use crate::database::Database;
use crate::driver::{DriverError, Row};
use crate::errors::PostgresError;
use crate::schema::{Table, quote_literal};
use crate::statement::{Session, StatementMode, query_once};

/// The placeholder in log ids for a system identifier that the role may not read.
pub(super) const UNKNOWN: &str = "unknown";

/// The queries that determine how far the log can be read.
#[derive(Debug)]
pub(super) struct Source {
    /// The qualified name of the table.
    pub(super) name: String,
    pub(super) table_oid: u32,
    pub(super) database_oid: u32,
    /// The id of the log before the first truncation of the table.
    first_log_id: String,
    /// The query for the greatest id that was allocated, the table's oid, and the number of truncations.
    pub(super) bound: String,
    /// The query for the transactions that may have allocated ids and have not committed yet.
    pub(super) holders: &'static str,
}

const DESCRIBE: &str = "SELECT pg_is_in_recovery(), class.relkind = 'p',
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        sequence.seqrelid, quote_ident(namespace.nspname) || '.' || quote_ident(sequence_class.relname),
        sequence.seqcache, sequence.seqincrement, sequence.seqcycle,
        has_sequence_privilege(sequence.seqrelid, 'SELECT'),
        has_sequence_privilege(sequence.seqrelid, 'USAGE')
    FROM pg_class class
    LEFT JOIN pg_attribute attribute ON attribute.attrelid = class.oid AND attribute.attname = 'id'
    LEFT JOIN pg_sequence sequence ON sequence.seqrelid = coalesce(
        (SELECT depend.refobjid FROM pg_depend depend
            JOIN pg_attrdef defaults ON depend.classid = 'pg_attrdef'::regclass AND depend.objid = defaults.oid
            JOIN pg_class other ON depend.refclassid = 'pg_class'::regclass AND other.oid = depend.refobjid
         WHERE defaults.adrelid = class.oid AND defaults.adnum = attribute.attnum AND other.relkind = 'S' LIMIT 1),
        pg_get_serial_sequence($1::text, 'id')::regclass::oid)
    LEFT JOIN pg_class sequence_class ON sequence_class.oid = sequence.seqrelid
    LEFT JOIN pg_namespace namespace ON namespace.oid = sequence_class.relnamespace
    WHERE class.oid = $2";

const HOLDERS: &str = "SELECT virtualtransaction, max(pid) FROM pg_locks
    WHERE locktype = 'relation' AND granted AND database = $1 AND relation = $2
    AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    GROUP BY virtualtransaction";

/// The query for partitioned tables: a transaction that writes directly to a partition locks only that partition.
const HOLDERS_OF_PARTITIONS: &str = "SELECT virtualtransaction, max(pid) FROM pg_locks
    WHERE locktype = 'relation' AND granted AND database = $1
    AND relation IN (SELECT $2::oid UNION ALL SELECT relid FROM pg_partition_tree($2::oid))
    AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    GROUP BY virtualtransaction";

impl Source {
    /// Checks that the table can have an event log, and prepares the queries.
    pub(super) async fn find(database: &Database, client: &impl Session, table: &Table) -> Result<Self, StorageError> {
        let unfit = |why: &str| {
            StorageError::engine(PostgresError::text(format!("the table {} has no event log: {why}", table.qualified)))
        };
        let row = database
            .within(query_once(client, DESCRIBE, &[&table.qualified, &table.oid]))
            .await
            .map_err(StorageError::engine)?
            .map_err(failed)?
            .into_iter()
            .next()
            .ok_or_else(|| unfit("it no longer exists"))?;
        if value(&row, 0)? {
            return Err(unfit(
                "the server is a standby, which does not show the locks of the writers; read the log on the primary",
            ));
        }
        if value::<Option<u32>>(&row, 3)?.is_none() {
            return Err(unfit("its column id has no sequence"));
        }
        let (name, cache, increment): (&str, i64, i64) = (value(&row, 4)?, value(&row, 5)?, value(&row, 6)?);
        if cache != 1 {
            return Err(unfit(&format!(
                "each connection caches {cache} ids of its sequence {name}, so ids are not in the order of events; run `ALTER SEQUENCE {name} CACHE 1`"
            )));
        }
        if increment < 1 || value(&row, 7)? {
            return Err(unfit(&format!("its sequence {name} does not only increase")));
        }
        let truncations = table.rewrites.as_ref().map_or("0::int8", |counts| &counts.truncations);
        let backend = match database.statements {
            StatementMode::Prepared => "",
            // A crash of the server ends all its processes. So a process that is older than the last check shows that
            // the server has not crashed since.
            StatementMode::Unnamed => {
                ", (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid())), clock_timestamp()"
            }
        };
        let found = format!("to_regclass($1::text)::oid, {truncations}{backend}");
        let bound = match (value(&row, 8)?, value(&row, 9)?) {
            (true, _) => {
                format!("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END, {found} FROM {name}")
            }
            // A role with `USAGE` on the sequence may call this function, which returns NULL before the first id is
            // allocated.
            (false, true) => format!(
                "SELECT coalesce(pg_sequence_last_value({}::regclass), (SELECT max(id)::int8 FROM {}), 0), {found}",
                quote_literal(name),
                table.qualified
            ),
            (false, false) => return Err(unfit(&format!("this role may not read its sequence {name}"))),
        };
        let cluster = cluster(client).await.map_err(failed)?.unwrap_or_else(|| UNKNOWN.to_owned());
        let database_oid: u32 = value(&row, 2)?;
        Ok(Self {
            name: table.qualified.clone(),
            table_oid: table.oid,
            database_oid,
            first_log_id: format!("postgres:{cluster}:{database_oid}:{}", table.oid),
            bound,
            holders: if value(&row, 1)? { HOLDERS_OF_PARTITIONS } else { HOLDERS },
        })
    }
}

impl Source {
    /// Returns the id of the log after `truncations` truncations. Each truncation changes the id, because the positions
    /// of a truncated table may begin again.
    pub(super) fn log_id(&self, truncations: i64) -> LogId {
        match truncations {
            0 => LogId::new(self.first_log_id.as_str()),
            _ => LogId::new(format!("{}.{truncations}", self.first_log_id)),
        }
    }
}

/// Returns the system identifier of the cluster, if this role may read it.
async fn cluster(client: &impl Session) -> Result<Option<String>, DriverError> {
    match query_once(client, "SELECT system_identifier FROM pg_control_system()", &[]).await {
        Ok(rows) => rows.first().map(|row| Ok(row.try_get::<i64>(0)?.to_string())).transpose(),
        Err(error) if error.code().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the prefix of the ids of all logs of a database; `None` if it cannot be determined.
pub(crate) async fn database_id(client: &impl Session) -> Result<Option<String>, DriverError> {
    let Some(cluster) = cluster(client).await? else { return Ok(None) };
    let oid = query_once(client, "SELECT oid FROM pg_database WHERE datname = current_database()", &[]).await?;
    oid.first().map(|oid| Ok(format!("postgres:{cluster}:{}", oid.try_get::<u32>(0)?))).transpose()
}

fn value<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StorageError> {
    row.try_get(column).map_err(failed)
}

pub(super) fn failed(error: DriverError) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}

/// Returns the prefix of a log id that identifies the database, or `None` if the id does not identify a database.
pub(crate) fn database_of(log: &LogId) -> Option<&str> {
    let (database, _) = log.as_str().rsplit_once(':')?;
    let (_, rest) = database.split_once("postgres:")?;
    (!rest.starts_with(UNKNOWN)).then_some(database)
}
