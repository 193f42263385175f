use std::time::Duration;

use castore_core::inbox::{INDEX, InvalidName, TABLE};
use castore_core::message::AnyMessage;
use rusqlite::Connection;

use super::InboxError;
use super::error::inbox_error;
use super::rules::RULES;
use crate::transaction::OpenTransaction;

/// An inbox: the record of the messages that a consumer has handled.
///
/// The record is written in the transaction of the handler, so that a message that the broker delivers twice takes
/// effect once.
///
/// ```
/// use castore_sqlite::SqliteInbox;
/// use castore_sqlite::rusqlite::{Connection, TransactionBehavior};
/// use castore_core::consumer::{HandlerError, ReceivedMessage};
/// use castore_core::message::NotificationMessage;
/// # use castore_conformance::channel::channels::Trainer;
///
/// /// What a worker or a listener does with a message, on a thread that may block.
/// fn count_games(
///     handled: &SqliteInbox,
///     connection: &mut Connection,
///     message: ReceivedMessage<NotificationMessage<Trainer>>,
/// ) -> Result<(), HandlerError> {
///     let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
///     if handled.first_time(&transaction, &*message)? {
///         transaction.execute("UPDATE games SET count = count + 1", [])?;
///         transaction.commit()?;
///     }
///     Ok(())
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("games.db");
/// let connection = Connection::open(path)?;
/// let handled = SqliteInbox::new("game_counter");
/// handled.create_table(&connection)?;
/// // ... start workers ...
///
/// // Regularly:
/// handled.forget_older_than(&connection, std::time::Duration::from_secs(30 * 24 * 60 * 60))?;
/// # Ok(())
/// # }
/// ```
///
/// For a message of a channel's enum, in a handler of several stores, call
/// [`message.as_message()`](castore_core::message::ChannelMessage::as_message).
///
/// The methods are synchronous and use the handler's own connection. An async handler must not block its thread, so
/// call them within `tokio::task::spawn_blocking`, for example.
///
/// [`castore_core::inbox`] describes the guarantees, and how messages are identified.
///
/// # Locks
/// SQLite has one writer at a time. Other writers wait for the connection's [busy
/// timeout](rusqlite::Connection::busy_timeout), which defaults to 5 seconds, and retry after growing pauses. If
/// another writer never pauses, a [busy handler](rusqlite::Connection::busy_handler) that sleeps for a millisecond gets
/// the lock sooner.
///
/// Begin the transaction with `BEGIN IMMEDIATE`, as above. A deferred transaction that reads first fails immediately if
/// another connection has written in the meantime.
///
/// # Table
/// Defaults to `castore_handled_message`; see [`table`](Self::table). A row takes about 100 to 200 bytes, with its index,
/// and stays until it is [deleted](Self::forget_older_than).
#[derive(Debug, Clone)]
pub struct SqliteInbox {
    consumer: String,
    table: String,
}

/// The current time, in milliseconds since 1970.
const NOW: &str = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

impl SqliteInbox {
    /// Creates the inbox of the consumer with this name. Any text is allowed, but it must not change: for another name,
    /// all messages are new.
    pub fn new(consumer: impl Into<String>) -> Self {
        Self { consumer: consumer.into(), table: TABLE.to_owned() }
    }

    /// Sets the name of the table. Defaults to `castore_handled_message`.
    ///
    /// # Errors
    /// [`InvalidName`] if the name is empty, contains a NUL character, or begins with `sqlite_`.
    pub fn table(self, table: impl Into<String>) -> Result<Self, InvalidName> {
        let table = table.into();
        RULES.names.check("table", &table)?;
        Ok(Self { table, ..self })
    }

    /// Returns the name of the consumer.
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// Creates the table and its index unless they exist. Call it when the program starts. Several processes may call
    /// it at the same time.
    ///
    /// # Errors
    /// [`InboxError::Busy`] and [`InboxError::Engine`]. Retrying is safe.
    pub fn create_table(&self, connection: &Connection) -> Result<(), InboxError> {
        let index = quoted(&format!("{}{}{}", INDEX.0, self.table, INDEX.1));
        let table = quoted(&self.table);
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {table} (
                 consumer TEXT NOT NULL,
                 event_store_id TEXT NOT NULL,
                 aggregate_id TEXT NOT NULL,
                 version INTEGER NOT NULL,
                 handled_at INTEGER NOT NULL,
                 PRIMARY KEY (consumer, event_store_id, aggregate_id, version)
             ) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS {index} ON {table} (consumer, handled_at)"
        );
        connection.execute_batch(&sql).map_err(|error| inbox_error(error, &self.table))
    }

    /// Records the message as handled, and returns whether this consumer had not handled it before. The record takes
    /// effect when the transaction is committed.
    ///
    /// The transaction is that of the handler's own connection, or that of
    /// [`SqliteEventStorageAdapter::transaction`](crate::SqliteEventStorageAdapter::transaction).
    ///
    /// The transaction can still be used after an error, but must then not contain the effect of the message.
    ///
    /// # Errors
    /// All variants of [`InboxError`].
    pub fn first_time(&self, transaction: &impl OpenTransaction, message: &dyn AnyMessage) -> Result<bool, InboxError> {
        let key = RULES.key(&self.consumer, message)?;
        let sql = format!(
            "INSERT INTO {} (consumer, event_store_id, aggregate_id, version, handled_at)
             VALUES (?1, ?2, ?3, ?4, {NOW}) ON CONFLICT DO NOTHING",
            quoted(&self.table)
        );
        transaction
            .connection()
            .prepare_cached(&sql)
            .and_then(|mut insert| insert.execute((key.consumer, key.event_store_id, &key.aggregate_id, key.version)))
            .map(|inserted| inserted > 0)
            .map_err(|error| inbox_error(error, &self.table))
    }

    /// Deletes the records of messages that this consumer handled longer than `age` ago, and returns their number.
    ///
    /// The time is that of the machine's clock, in milliseconds. If the broker redelivers a message whose record was
    /// deleted, it takes effect again. So `age` must be longer than the broker may keep a message, including dead
    /// letters.
    ///
    /// This is one statement, which uses an index, and other writers wait for it. Call it every day or every hour, so
    /// that it has little to delete.
    ///
    /// # Errors
    /// [`InboxError::MissingTable`], [`InboxError::Busy`] and [`InboxError::Engine`]. In this case, nothing was
    /// deleted.
    pub fn forget_older_than(&self, connection: &Connection, age: Duration) -> Result<u64, InboxError> {
        let sql = format!("DELETE FROM {} WHERE consumer = ?1 AND handled_at < {NOW} - ?2", quoted(&self.table));
        connection
            .execute(&sql, (&self.consumer, RULES.age(age)))
            .map(|deleted| u64::try_from(deleted).unwrap_or(u64::MAX))
            .map_err(|error| inbox_error(error, &self.table))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
