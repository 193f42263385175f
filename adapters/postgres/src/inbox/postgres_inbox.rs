use std::time::Duration;

use castore_core::message::AnyMessage;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

use super::InboxError;
use crate::errors::SchemaError;
use crate::schema::{Identifier, InvalidName, Patience, quote_literal, refused};

/// Remembers which messages a consumer has handled, in the transaction in which it handles them: a message that its
/// broker delivers twice has its effect once.
///
/// ```no_run
/// use castore_postgres::PostgresInbox;
/// use castore_postgres::deadpool_postgres::Pool;
/// use castore_core::consumer::{HandlerError, ReceivedMessage};
/// use castore_core::message::NotificationMessage;
/// # use castore_conformance::channel::channels::Trainer;
///
/// /// What a worker or a listener does with a message.
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
/// // And now and then:
/// handled.forget_older_than(&client, std::time::Duration::from_secs(30 * 24 * 60 * 60)).await?;
/// # Ok(())
/// # }
/// ```
///
/// The message of a channel's enum, in a handler of messages of several stores, is
/// [`message.as_message()`](castore_core::message::ChannelMessage::as_message).
///
/// # What is promised
/// * Of the transactions that ask for the same message and are committed, exactly one is told that it is the first. While
///   one is open, others that ask for the same message wait for it to
///   end: if it is rolled back, the next one is the first. They wait for as long as the server's `lock_timeout` and
///   `statement_timeout` let them, and hold their connections meanwhile.
/// * That is for effects in the transaction. A mail that was sent before the commit is sent again after a crash.
/// * Transactions that ask for several messages should do so in the same order, or one of them may be told of a
///   deadlock. If they are `REPEATABLE READ` or `SERIALIZABLE`, they may be told of a serialization failure. Either is an
///   error like others: the handler fails, and the message is tried again.
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
///   before. With `first_time(…).await? || context.replay`, in this order, each delivery of a replay has its effect, and
///   is remembered. And a consumer with a name for each replay (`"game_counter, replay of May"`) handles each message
///   once in each.
///
/// # The table
/// `castore_handled_message`, where the connection's search path finds it, unless [`schema`](Self::schema) and
/// [`table`](Self::table) say otherwise; all consumers may share it. It belongs into the database that the handler writes
/// to, wherever the events are. A row takes some 100 to 200 bytes, with its indexes, and stays until it is
/// [forgotten](Self::forget_older_than). Ids of more than about 2500 bytes, and such with NUL characters, are refused.
#[derive(Debug, Clone)]
pub struct PostgresInbox {
    consumer: String,
    schema: Option<Identifier>,
    table: Identifier,
}

impl PostgresInbox {
    /// What the consumer of this name has handled. Any text, but it must stay the same: under another name, all messages
    /// are new.
    pub fn new(consumer: impl Into<String>) -> Self {
        Self { consumer: consumer.into(), schema: None, table: Identifier::fixed("castore_handled_message") }
    }

    /// The schema of the table, which must exist. By default, the one that Postgres finds the table in, along the
    /// `search_path` of the connection. Any name, of at most 63 bytes.
    ///
    /// # Errors
    /// [`InvalidName`]: Postgres can have none of that name.
    pub fn schema(self, schema: impl AsRef<str>) -> Result<Self, InvalidName> {
        Ok(Self { schema: Some(Identifier::new("schema", schema.as_ref())?), ..self })
    }

    /// The table: `castore_handled_message` by default. Any name, of at most 63 bytes.
    ///
    /// # Errors
    /// [`InvalidName`]: Postgres can have none of that name.
    pub fn table(self, table: impl AsRef<str>) -> Result<Self, InvalidName> {
        Ok(Self { table: Identifier::new("table", table.as_ref())?, ..self })
    }

    /// The name of the consumer.
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// Creates the table and its index, unless it exists: for the start of a program, any number of which may do so at
    /// once. Of a table that exists, nothing is changed, and no right is needed.
    ///
    /// It waits up to 5 seconds for others that create it. The connection is as it was before, also if this fails or is
    /// dropped.
    ///
    /// # Errors
    /// [`SchemaError::Locked`], [`SchemaError::NotPermitted`], [`SchemaError::MissingSchema`] and
    /// [`SchemaError::Engine`]. Nothing was then created.
    pub async fn create_table(&self, client: &Client) -> Result<(), SchemaError> {
        let table = self.qualified();
        let failed = |error| refused(error, &table, "the table");
        let find = [(&table as _, Type::TEXT)];
        let found = client.query_typed("SELECT to_regclass($1) IS NOT NULL", &find).await.map_err(failed)?;
        if found.first().is_some_and(|row| row.get(0)) {
            return Ok(());
        }
        let index = Identifier::derived("idx_", self.table.as_str(), "_handled_at").quoted();
        // Several statements in one message are one transaction. Without a turn of their own, two processes that create
        // one table would fail. Ids are compared byte by byte, whatever the language of the database.
        let sql = format!(
            "SET LOCAL client_min_messages = warning;
             SET LOCAL lock_timeout = {};
             SELECT pg_advisory_xact_lock(hashtextextended({}, 0));
             CREATE TABLE IF NOT EXISTS {table} (
                 consumer TEXT COLLATE \"C\" NOT NULL,
                 event_store_id TEXT COLLATE \"C\" NOT NULL,
                 aggregate_id TEXT COLLATE \"C\" NOT NULL,
                 version BIGINT NOT NULL,
                 handled_at TIMESTAMPTZ NOT NULL,
                 PRIMARY KEY (consumer, event_store_id, aggregate_id, version)
             );
             CREATE INDEX IF NOT EXISTS {index} ON {table} (consumer, handled_at)",
            Patience::default().lock.as_millis(),
            quote_literal(&format!("castore {table}")),
        );
        client.batch_execute(&sql).await.map_err(failed)
    }

    /// Whether this consumer has not handled the message yet. It then counts as handled, if the transaction is committed.
    ///
    /// Ask before anything else is done, so that whoever has to wait for another handler of the same message has not
    /// locked anything yet. One round trip.
    ///
    /// # Errors
    /// [`InboxError`], by its variants. The transaction must then be rolled back.
    pub async fn first_time(
        &self,
        transaction: &Transaction<'_>,
        message: &dyn AnyMessage,
    ) -> Result<bool, InboxError> {
        let table = self.qualified();
        let (event_store_id, aggregate_id) = (message.event_store_id(), message.aggregate_id());
        for (what, text) in [
            ("a consumer whose name has a NUL character", &*self.consumer),
            ("a message of an event store whose id has a NUL character", event_store_id),
            ("a message of an aggregate whose id has a NUL character", &aggregate_id),
        ] {
            if text.contains('\0') {
                return Err(InboxError::unsupported(what));
            }
        }
        // Versions of events begin at 1.
        let version = message.version().unwrap_or(0);
        let version =
            i64::try_from(version).map_err(|_| InboxError::unsupported(format!("a message of version {version}")))?;
        let sql = format!(
            "INSERT INTO {table} (consumer, event_store_id, aggregate_id, version, handled_at)
             VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING RETURNING true"
        );
        let inserted = transaction
            .query_typed(
                &sql,
                &[
                    (&self.consumer, Type::TEXT),
                    (&event_store_id, Type::TEXT),
                    (&aggregate_id, Type::TEXT),
                    (&version, Type::INT8),
                ],
            )
            .await
            .map_err(|error| InboxError::of_server(error, &table))?;
        Ok(!inserted.is_empty())
    }

    /// Forgets the messages that this consumer handled longer ago than `age`, by the server's clock and to the
    /// microsecond, and says how many they were. Should one of them come again, it has its effect again: `age` must be
    /// longer than a broker may keep a message, its dead letters included.
    ///
    /// One statement, which an index serves; only a handler of one of these messages would wait for it. Done every day, or every hour, it has little to do.
    ///
    /// # Errors
    /// [`InboxError::MissingTable`], [`InboxError::Engine`], and
    /// [`InboxError::Unsupported`] for the consumer's name. Nothing was then forgotten.
    pub async fn forget_older_than(&self, client: &Client, age: Duration) -> Result<u64, InboxError> {
        if self.consumer.contains('\0') {
            return Err(InboxError::unsupported("a consumer whose name has a NUL character"));
        }
        let table = self.qualified();
        // An index cannot be searched for `clock_timestamp()`, which may be another for each row.
        let sql = format!(
            "DELETE FROM {table} WHERE consumer = $1
             AND handled_at < statement_timestamp() - $2::int8 * interval '1 microsecond'"
        );
        let age = micros(age);
        client
            .execute_typed(&sql, &[(&self.consumer, Type::TEXT), (&age, Type::INT8)])
            .await
            .map_err(|error| InboxError::of_server(error, &table))
    }

    fn qualified(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", schema.quoted(), self.table.quoted()),
            None => self.table.quoted(),
        }
    }
}

/// A thousand years are as good as more, for which Postgres has no dates.
fn micros(duration: Duration) -> i64 {
    const MOST: i64 = 1_000_000 * 1000 * 365 * 24 * 60 * 60;
    i64::try_from(duration.as_micros()).unwrap_or(MOST).min(MOST)
}
