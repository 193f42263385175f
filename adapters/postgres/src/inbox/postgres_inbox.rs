use std::time::Duration;

use castore_core::inbox::{INDEX, InvalidName, TABLE};
use castore_core::message::AnyMessage;
use tokio_postgres::{Client, Transaction};

use super::InboxError;
use super::error::inbox_error;
use super::rules::RULES;
use crate::errors::SchemaError;
use crate::schema::{Identifier, Patience, quote_literal, refused};
use crate::statement::{Parameter, Session, StatementMode, query_once};

/// An inbox in a Postgres table: a record of the messages that a consumer has handled.
///
/// The record is written in the transaction of the handler. Therefore a message that the broker delivers twice takes
/// effect only once.
///
/// ```no_run
/// use castore_postgres::PostgresInbox;
/// use castore_postgres::deadpool_postgres::Pool;
/// use castore_core::consumer::{HandlerError, ReceivedMessage};
/// use castore_core::message::NotificationMessage;
/// # use castore_conformance::channel::channels::Trainer;
///
/// /// Handles a message in a worker or a listener.
/// async fn count_games(
///     handled: &PostgresInbox,
///     pool: &Pool,
///     message: ReceivedMessage<NotificationMessage<Trainer>>,
/// ) -> Result<(), HandlerError> {
///     let mut client = pool.get().await?;
///     let transaction = client.transaction().await?;
///     if handled.first_time(&transaction, &*message).await? {
///         transaction.execute("UPDATE games SET count = count + 1", &[]).await?;
///         transaction.commit().await?;
///     }
///     Ok(())
/// }
///
/// # async fn set_up(pool: Pool) -> Result<(), Box<dyn std::error::Error>> {
/// let handled = PostgresInbox::new("game_counter");
/// let client = pool.get().await?;
/// handled.create_table(&client).await?;
/// // ... start workers ...
///
/// // Regularly:
/// handled.forget_older_than(&client, std::time::Duration::from_secs(30 * 24 * 60 * 60)).await?;
/// # Ok(())
/// # }
/// ```
///
/// A handler of messages from several event stores receives the channel's enum. Such a handler must pass
/// [`message.as_message()`](castore_core::message::ChannelMessage::as_message) to [`first_time`](Self::first_time).
///
/// See [`castore_core::inbox`] for the guarantees and the identification of messages.
///
/// # Locks
/// While a transaction that records a message is open, other transactions that record the same message wait until it
/// ends. If the first transaction is rolled back, the next one records the message. The wait is limited by the server's
/// `lock_timeout` and `statement_timeout`, and occupies a connection.
///
/// Transactions that record several messages should do so in the same order, to avoid deadlocks. `REPEATABLE READ` and
/// `SERIALIZABLE` transactions can fail with a serialization failure. Treat deadlocks and serialization failures as
/// ordinary errors: the handler fails, and the message is delivered again.
///
/// # Table
/// The table is named `castore_handled_message`, and is created in the first schema of the connection's search path.
/// [`table`](Self::table) and [`schema`](Self::schema) change these defaults. A row takes about 100 to 200
/// bytes, including its index entries, and stays until [`forget_older_than`](Self::forget_older_than) deletes it. Ids
/// of more than about 2500 bytes, and ids with NUL characters, are rejected.
#[derive(Debug, Clone)]
pub struct PostgresInbox {
    consumer: String,
    schema: Option<Identifier>,
    table: Identifier,
}

impl PostgresInbox {
    /// Returns the inbox of the consumer with this name, without creating its table. The name must not contain NUL
    /// characters, and must not change: under another name, all messages count as new.
    pub fn new(consumer: impl Into<String>) -> Self {
        Self { consumer: consumer.into(), schema: None, table: Identifier::fixed(TABLE) }
    }

    /// Sets the schema of the table. The schema must exist. Defaults to the `search_path` of the connection:
    /// `create_table` creates the table in the first schema of the path, and later statements find it there.
    ///
    /// # Errors
    /// [`InvalidName`] if the name is empty, contains a NUL character, or is longer than 63 bytes.
    pub fn schema(self, schema: impl AsRef<str>) -> Result<Self, InvalidName> {
        Ok(Self { schema: Some(Identifier::new("schema", schema.as_ref())?), ..self })
    }

    /// Sets the name of the table. Defaults to `castore_handled_message`.
    ///
    /// # Errors
    /// [`InvalidName`] if the name is empty, contains a NUL character, or is longer than 63 bytes.
    pub fn table(self, table: impl AsRef<str>) -> Result<Self, InvalidName> {
        Ok(Self { table: Identifier::new("table", table.as_ref())?, ..self })
    }

    /// Returns the name of the consumer.
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// Creates the table and its index unless the table exists. Call this method when the program starts. Several
    /// processes may call it at the same time. If the table exists, nothing is changed and no privilege is needed.
    ///
    /// The call waits up to 5 seconds for other processes that create the table. The settings of the connection are
    /// restored, even if the call fails or its future is dropped.
    ///
    /// # Errors
    /// [`SchemaError::Locked`], [`SchemaError::NotPermitted`], [`SchemaError::MissingSchema`] and
    /// [`SchemaError::Engine`]. After an error, nothing was created.
    pub async fn create_table(&self, client: &Client) -> Result<(), SchemaError> {
        self.create_over(client).await
    }

    pub(super) async fn create_over(&self, session: &impl Session) -> Result<(), SchemaError> {
        let table = self.qualified();
        let failed = |error| refused(error, &table, "the table");
        let found = query_once(session, "SELECT to_regclass($1) IS NOT NULL", &[&table]).await.map_err(failed)?;
        if found.first().is_some_and(|row| row.try_get(0).unwrap_or(false)) {
            return Ok(());
        }
        // Several statements in one message are one transaction. The advisory lock lets one process at a time create
        // the table, because a concurrent second attempt would fail.
        let sql = format!(
            "SET LOCAL client_min_messages = warning;
             SET LOCAL lock_timeout = {};
             SELECT pg_advisory_xact_lock(hashtextextended({}, 0));
             {}",
            Patience::default().lock.as_millis(),
            quote_literal(&format!("castore {table}")),
            self.create_sql(),
        );
        session.batch(&sql).await.map_err(failed)
    }

    /// Returns the statements that create the table and its index, unless they exist. The collation `C` compares ids
    /// byte by byte, for every collation of the database.
    pub(crate) fn create_sql(&self) -> String {
        let table = self.qualified();
        let index = Identifier::derived(INDEX.0, self.table.as_str(), INDEX.1).quoted();
        format!(
            "CREATE TABLE IF NOT EXISTS {table} (
            consumer TEXT COLLATE \"C\" NOT NULL,
            event_store_id TEXT COLLATE \"C\" NOT NULL,
            aggregate_id TEXT COLLATE \"C\" NOT NULL,
            version BIGINT NOT NULL,
            handled_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (consumer, event_store_id, aggregate_id, version)
        );
        CREATE INDEX IF NOT EXISTS {index} ON {table} (consumer, handled_at);"
        )
    }

    /// Records the message as handled. Returns `true` if this consumer handles the message for the first time, and
    /// `false` if the message was already recorded. The record takes effect when the transaction is committed.
    ///
    /// Call this method before the transaction does anything else, so that a transaction that must wait for another
    /// handler of the same message holds no locks yet. The call takes one round trip.
    ///
    /// # Errors
    /// All variants of [`InboxError`] except `Busy`. After an error, the transaction must be rolled back.
    pub async fn first_time(
        &self,
        transaction: &Transaction<'_>,
        message: &dyn AnyMessage,
    ) -> Result<bool, InboxError> {
        self.first_time_within(transaction, message).await
    }

    pub(super) async fn first_time_within(
        &self,
        session: &impl Session,
        message: &dyn AnyMessage,
    ) -> Result<bool, InboxError> {
        let key = RULES.key(&self.consumer, message)?;
        let table = self.qualified();
        let sql = format!(
            "INSERT INTO {table} (consumer, event_store_id, aggregate_id, version, handled_at)
             VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING RETURNING true"
        );
        let parameters: [&dyn Parameter; 4] = [&key.consumer, &key.event_store_id, &key.aggregate_id, &key.version];
        let inserted = query_once(session, &sql, &parameters).await.map_err(|error| inbox_error(error, &table))?;
        Ok(!inserted.is_empty())
    }

    /// Deletes this consumer's records of messages that were handled longer than `age` ago. Returns the number of
    /// deleted records.
    ///
    /// The age is measured with the server's clock, in microseconds. If the broker redelivers a message whose record
    /// was deleted, the message takes effect again. Therefore `age` must exceed the time for which the broker can keep
    /// a message, including dead letters.
    ///
    /// The call executes one statement, which uses an index. Only handlers of the deleted messages wait for this
    /// statement. Call the method every day or every hour, so that there is little to delete.
    ///
    /// # Errors
    /// [`InboxError::MissingTable`], [`InboxError::Engine`], and [`InboxError::Unsupported`] if Postgres cannot store
    /// the consumer's name. After an error, nothing was deleted.
    pub async fn forget_older_than(&self, client: &Client, age: Duration) -> Result<u64, InboxError> {
        self.forget_over(client, age).await
    }

    pub(super) async fn forget_over(&self, session: &impl Session, age: Duration) -> Result<u64, InboxError> {
        RULES.check_consumer(&self.consumer)?;
        let table = self.qualified();
        // A condition with `clock_timestamp()` could not use an index, because this function is volatile.
        let sql = format!(
            "DELETE FROM {table} WHERE consumer = $1
             AND handled_at < statement_timestamp() - $2::int8 * interval '1 microsecond'"
        );
        let age = RULES.age(age);
        let deleted = StatementMode::Unnamed.execute(session, &sql, &[&self.consumer, &age]).await;
        deleted.map_err(|error| inbox_error(error, &table))
    }

    pub(crate) fn qualified(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", schema.quoted(), self.table.quoted()),
            None => self.table.quoted(),
        }
    }
}
