use std::time::Duration;

use castore_core::inbox::{INDEX, InvalidName, TABLE};
use castore_core::message::AnyMessage;
use rusqlite::Connection;

use super::InboxError;
use super::error::inbox_error;
use super::rules::RULES;
use crate::transaction::OpenTransaction;

/// An inbox in an SQLite table: a record of the messages that a consumer has handled.
///
/// The record is written in the transaction of the handler. Therefore a message that the broker delivers twice takes
/// effect only once.
///
/// ```
/// use castore_sqlite::SqliteInbox;
/// use castore_sqlite::rusqlite::{Connection, TransactionBehavior};
/// use castore_core::consumer::{HandlerError, ReceivedMessage};
/// use castore_core::message::NotificationMessage;
/// # use castore_conformance::channel::channels::Trainer;
///
/// /// Handles a message in a worker or a listener, on a thread that may block.
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
/// A handler of messages from several event stores receives the channel's enum. Such a handler must pass
/// [`message.as_message()`](castore_core::message::ChannelMessage::as_message) to [`first_time`](Self::first_time).
///
/// The methods are synchronous and use the handler's own connection. An async handler must not block its thread, so it
/// should call the methods within `tokio::task::spawn_blocking`, for example.
///
/// See [`castore_core::inbox`] for the guarantees and the identification of messages.
///
/// # Locks
/// SQLite allows one writer at a time. Another connection that wants to write retries after growing pauses, until its
/// [busy timeout](rusqlite::Connection::busy_timeout) expires. The timeout defaults to 5 seconds. If the current writer
/// never pauses between transactions, use a [busy handler](rusqlite::Connection::busy_handler) that sleeps for only a
/// millisecond, so that the connection acquires the lock sooner.
///
/// Begin the transaction with `BEGIN IMMEDIATE`, as above. A deferred transaction that reads before it writes fails
/// immediately if another connection has written in between.
///
/// # Table
/// The table is named `castore_handled_message`, unless [`table`](Self::table) sets another name. A row takes about 100
/// to 200 bytes, including its index entry, and stays until [`forget_older_than`](Self::forget_older_than) deletes it.
#[derive(Debug, Clone)]
pub struct SqliteInbox {
    consumer: String,
    table: String,
}

/// The SQL expression for the current time, in milliseconds since 1970.
const NOW: &str = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

impl SqliteInbox {
    /// Creates an inbox for the consumer with this name, without accessing the database. The name may be any text, but
    /// must not change: under another name, all messages count as new.
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

    /// Creates the table and its index unless they exist. Call this method when the program starts. Several processes
    /// may call it at the same time.
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

    /// Records the message as handled. Returns `true` if this consumer handles the message for the first time, and
    /// `false` if the message was already recorded. The record takes effect when the transaction is committed.
    ///
    /// `transaction` is a transaction on the handler's own connection, or the one that
    /// [`SqliteEventStorageAdapter::transaction`](crate::SqliteEventStorageAdapter::transaction) has begun.
    ///
    /// After an error, the handler must not apply the message in the transaction. The transaction itself can still be
    /// used, unless SQLite has rolled it back, for example because the disk is full.
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

    /// Deletes this consumer's records of messages that were handled longer than `age` ago. Returns the number of
    /// deleted records.
    ///
    /// The age is measured with the machine's clock, in milliseconds. If the broker redelivers a message whose record
    /// was deleted, the message takes effect again. Therefore `age` must exceed the time for which the broker can keep
    /// a message, including dead letters.
    ///
    /// The deletion is one statement, which uses an index. Other writers wait until the statement has ended. Call this
    /// method every day or every hour, so that each call has little to delete.
    ///
    /// # Errors
    /// [`InboxError::MissingTable`], [`InboxError::Busy`] and [`InboxError::Engine`]. After an error, nothing was
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
