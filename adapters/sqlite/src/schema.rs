use rusqlite::{Connection, TransactionBehavior};

/// The application id in the header of event databases ("cast"), which distinguishes them from files of other programs.
pub(crate) const APPLICATION_ID: i32 = 0x6361_7374;

/// The migrations from each schema version to the next. Never change a released migration. Add another one instead.
///
/// The table uses `AUTOINCREMENT` because a plain rowid can be reused after a delete, and positions must only increase.
const STEPS: &[&str] = &[
    "CREATE TABLE event (
         position INTEGER PRIMARY KEY AUTOINCREMENT,
         event_store_id TEXT NOT NULL,
         aggregate_id TEXT NOT NULL,
         version INTEGER NOT NULL,
         type TEXT NOT NULL,
         timestamp INTEGER NOT NULL,
         payload TEXT,
         metadata TEXT,
         UNIQUE (event_store_id, aggregate_id, version)
     );
     CREATE INDEX event_initial ON event (event_store_id, timestamp, aggregate_id) WHERE version = 1;",
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
];

/// The schema version that this crate writes: the number of migrations.
pub(crate) const VERSION: i64 = STEPS.len() as i64;

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// An empty database, which can become an event database.
    Empty,
    /// An event database of a schema version from 1 to [`VERSION`].
    Ours { version: i64 },
    /// An event database that a later version of this crate wrote.
    Newer { version: i64 },
    /// A database of another program.
    Foreign { application_id: i32 },
}

impl Found {
    /// Returns whether the database must be migrated.
    fn is_behind(self) -> bool {
        match self {
            Self::Empty => true,
            Self::Ours { version } => version < VERSION,
            Self::Newer { .. } | Self::Foreign { .. } => false,
        }
    }
}

/// Returns the kind of a database, without writing to it.
pub(crate) fn inspect(connection: &Connection) -> rusqlite::Result<Found> {
    // A single statement sees a consistent state of the file while other processes write.
    let (application_id, version, objects): (i32, i64, i64) = connection.query_row(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
         FROM pragma_application_id, pragma_user_version",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(match (application_id, version) {
        (APPLICATION_ID, 1..=VERSION) => Found::Ours { version },
        (APPLICATION_ID, version) if version > VERSION => Found::Newer { version },
        (0, 0) if objects == 0 => Found::Empty,
        _ => Found::Foreign { application_id },
    })
}

/// Migrates the database to [`VERSION`], unless it is newer or belongs to another program. Returns the kind of the
/// database before the migration.
pub(crate) fn migrate(connection: &mut Connection) -> rusqlite::Result<Found> {
    // Most files are up to date, so they are first inspected without a write lock.
    let found = inspect(connection)?;
    if !found.is_behind() {
        return Ok(found);
    }
    // Another process may have migrated the same file in the meantime, so it is inspected again under the write lock.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = inspect(&transaction)?;
    let from = match found {
        Found::Empty => 0,
        Found::Ours { version } => version,
        Found::Newer { .. } | Found::Foreign { .. } => return Ok(found),
    };
    if from < VERSION {
        for step in STEPS.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        tracing::debug!(from, to = VERSION, "migrated the schema of an event database");
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_database_becomes_ours_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(inspect(&connection).unwrap(), Found::Empty);
        assert_eq!(migrate(&mut connection).unwrap(), Found::Empty);
        assert_eq!(inspect(&connection).unwrap(), Found::Ours { version: VERSION });
        assert_eq!(migrate(&mut connection).unwrap(), Found::Ours { version: VERSION });
    }

    #[test]
    fn a_database_of_the_first_version_gets_what_came_later() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp)
                 VALUES ('s', 'a', 1, 't', 0), ('s', 'a', 2, 't', 0);
                 PRAGMA application_id = 0x63617374; PRAGMA user_version = 1",
            )
            .unwrap();
        assert_eq!(migrate(&mut connection).unwrap(), Found::Ours { version: 1 });
        assert_eq!(inspect(&connection).unwrap(), Found::Ours { version: VERSION });
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new).unwrap();
        let objects = |connection: &Connection| -> Vec<(String, Option<String>)> {
            let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        };
        assert_eq!(objects(&connection), objects(&new));
        let id = |connection: &Connection| -> String {
            connection.query_row("SELECT value FROM castore_meta WHERE name = 'log_id'", [], |row| row.get(0)).unwrap()
        };
        assert_eq!(id(&connection).len(), 32);
        assert_ne!(id(&connection), id(&new));
        connection.execute_batch("UPDATE event SET type = 'u'; DELETE FROM event").unwrap();
        let rewrites: i64 = connection.query_row("SELECT rewrites FROM castore_rewrite", [], |row| row.get(0)).unwrap();
        assert_eq!(rewrites, 4);
    }

    #[test]
    fn what_others_wrote_is_left_alone() {
        for (sql, found) in [
            ("PRAGMA application_id = 7", Found::Foreign { application_id: 7 }),
            ("PRAGMA user_version = 7", Found::Foreign { application_id: 0 }),
            ("CREATE TABLE event (a)", Found::Foreign { application_id: 0 }),
            ("PRAGMA application_id = 0x63617374; PRAGMA user_version = 99", Found::Newer { version: 99 }),
        ] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(sql).unwrap();
            let before: i64 = connection.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
            assert_eq!(migrate(&mut connection).unwrap(), found, "{sql}");
            assert!(connection.is_autocommit());
            let after: i64 = connection.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
            assert_eq!(before, after);
        }
    }
}
