use std::time::Duration;

use castore_core::message::AnyMessage;
use rusqlite::{Connection, Transaction};

use super::{InboxError, InvalidTableName};

/// Remembers which messages a consumer has handled, in the transaction in which it handles them: a message that its
/// broker delivers twice has its effect once.
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
/// // And now and then:
/// handled.forget_older_than(&connection, std::time::Duration::from_secs(30 * 24 * 60 * 60))?;
/// # Ok(())
/// # }
/// ```
///
/// The message of a channel's enum, in a handler of messages of several stores, is
/// [`message.as_message()`](castore_core::message::ChannelMessage::as_message).
///
/// Nothing here is async: it is done on the handler's own connection, and a handler that is async does it within
/// `tokio::task::spawn_blocking`, say.
///
/// # What is promised
/// * Of the transactions that ask for the same message and are committed, exactly one is told that it is the first.
///   SQLite has one writer at a time: others wait for as long as the connection's
///   [busy timeout](rusqlite::Connection::busy_timeout), which is 5 seconds unless set otherwise. SQLite then tries again
///   after pauses that grow; beside a writer that never pauses, a [busy handler](rusqlite::Connection::busy_handler) that
///   sleeps for a millisecond gets through sooner.
/// * That is for effects in the transaction. A mail that was sent before the commit is sent again after a crash.
/// * The transaction should be one that is begun with `BEGIN IMMEDIATE`, as above. Another one, that reads before it asks,
///   is told at once that the database is locked if somebody else has written meanwhile.
///
/// # What is the same message
/// One of the same event store, aggregate and version, compared as text and numbers; each consumer remembers on its own.
/// Neither the kind of the message nor its content counts:
///
/// * An event that was rewritten by a forced push, and is published again, is the same message as before.
/// * A message without a version (that an aggregate exists) counts as one of version 0: once per aggregate. To go
///   through all aggregates again, take another name for the consumer.
/// * A replayed message is the same message. What is to become of it is the handler's decision, by
///   [`MessageContext::replay`](castore_core::consumer::MessageContext::replay): as above, it has no effect if it was handled
///   before. With `first_time(…)? || context.replay`, in this order, each delivery of a replay has its effect, and is
///   remembered. And a consumer with a name for each replay (`"game_counter, replay of May"`) handles each message once
///   in each.
///
/// # The table
/// `castore_handled_message`, unless [`table`](Self::table) says otherwise; all consumers may share it. It belongs into
/// the file that the handler writes to, wherever the events are. A row takes some 100 to 200 bytes, with its index, and
/// stays until it is [forgotten](Self::forget_older_than).
#[derive(Debug, Clone)]
pub struct SqliteInbox {
    consumer: String,
    table: String,
}

/// Now, in milliseconds since 1970.
const NOW: &str = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

impl SqliteInbox {
    /// What the consumer of this name has handled. Any text, but it must stay the same: under another name, all messages
    /// are new.
    pub fn new(consumer: impl Into<String>) -> Self {
        Self { consumer: consumer.into(), table: "castore_handled_message".to_owned() }
    }

    /// The table: `castore_handled_message` by default. Any name that SQLite can have.
    ///
    /// # Errors
    /// [`InvalidTableName`]: it is empty, contains a NUL character, or begins with `sqlite_`.
    pub fn table(self, table: impl Into<String>) -> Result<Self, InvalidTableName> {
        let name = table.into();
        let why = if name.is_empty() {
            "it is empty"
        } else if name.contains('\0') {
            "it contains a NUL character"
        } else if name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_")) {
            "names that begin with `sqlite_` are SQLite's own"
        } else {
            return Ok(Self { table: name, ..self });
        };
        Err(InvalidTableName { name, why })
    }

    /// The name of the consumer.
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// Creates the table and its index, unless they exist: for the start of a program, any number of which may do so at
    /// once.
    ///
    /// # Errors
    /// [`InboxError::Busy`] and [`InboxError::Engine`]. Nothing is lost by trying again.
    pub fn create_table(&self, connection: &Connection) -> Result<(), InboxError> {
        let (table, index) = (quoted(&self.table), quoted(&format!("idx_{}_handled_at", self.table)));
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
        connection.execute_batch(&sql).map_err(|error| self.failed(error))
    }

    /// Whether this consumer has not handled the message yet. It then counts as handled, if the transaction is committed.
    ///
    /// The transaction can go on after an error, but what the message does belongs in one in which this succeeds.
    ///
    /// # Errors
    /// [`InboxError`], by its variants.
    pub fn first_time(&self, transaction: &Transaction<'_>, message: &dyn AnyMessage) -> Result<bool, InboxError> {
        // Versions of events begin at 1.
        let version = message.version().unwrap_or(0);
        let version =
            i64::try_from(version).map_err(|_| InboxError::unsupported(format!("a message of version {version}")))?;
        let sql = format!(
            "INSERT INTO {} (consumer, event_store_id, aggregate_id, version, handled_at)
             VALUES (?1, ?2, ?3, ?4, {NOW}) ON CONFLICT DO NOTHING",
            quoted(&self.table)
        );
        transaction
            .prepare_cached(&sql)
            .and_then(|mut insert| {
                insert.execute((&self.consumer, message.event_store_id(), message.aggregate_id(), version))
            })
            .map(|inserted| inserted > 0)
            .map_err(|error| self.failed(error))
    }

    /// Forgets the messages that this consumer handled longer ago than `age`, by the clock of the machine and to the
    /// millisecond, and says how many they were. Should one of them come again, it has its effect again: `age` must be
    /// longer than a broker may keep a message, its dead letters included.
    ///
    /// One statement, which an index serves. Other writers wait for it: done every day, or every hour, it has little to do.
    ///
    /// # Errors
    /// [`InboxError::MissingTable`], [`InboxError::Busy`] and [`InboxError::Engine`]. Nothing
    /// was then forgotten.
    pub fn forget_older_than(&self, connection: &Connection, age: Duration) -> Result<u64, InboxError> {
        let sql = format!("DELETE FROM {} WHERE consumer = ?1 AND handled_at < {NOW} - ?2", quoted(&self.table));
        connection
            .execute(&sql, (&self.consumer, millis(age)))
            .map(|deleted| u64::try_from(deleted).unwrap_or(u64::MAX))
            .map_err(|error| self.failed(error))
    }

    fn failed(&self, error: rusqlite::Error) -> InboxError {
        InboxError::of_engine(error, &self.table)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Half of SQLite's integers are as good as more, from which nothing could be subtracted.
fn millis(duration: Duration) -> i64 {
    const MOST: i64 = i64::MAX / 2;
    i64::try_from(duration.as_millis()).unwrap_or(MOST).min(MOST)
}
