//! The fixture of all behaviors: a fresh database with the inbox's table, and short helper functions.

use std::sync::Arc;
use std::time::Duration;

use castore_core::message::AnyMessage;

use super::{FreshInbox, HandlerTransaction, InboxDatabase, InboxFactory, KitInboxError, TransactionEnd, effect};
use crate::storage::Capabilities;

/// The default consumer of the tests.
pub(crate) const MAILER: &str = "mailer";

pub(crate) const STORE: &str = "POKEMONS";

/// A message that has an identity and no content.
#[derive(Debug, Clone)]
pub(crate) struct KitMessage {
    pub(crate) store: &'static str,
    pub(crate) aggregate: String,
    pub(crate) version: Option<u64>,
}

impl AnyMessage for KitMessage {
    fn event_store_id(&self) -> &'static str {
        self.store
    }

    fn aggregate_id(&self) -> String {
        self.aggregate.clone()
    }

    fn version(&self) -> Option<u64> {
        self.version
    }

    fn event_type(&self) -> Option<&str> {
        None
    }
}

pub(crate) fn message(aggregate: &str, version: u64) -> KitMessage {
    KitMessage { store: STORE, aggregate: aggregate.to_owned(), version: Some(version) }
}

pub(crate) struct InboxCase {
    // The database is kept until the end of the test.
    _fresh: FreshInbox,
    pub(crate) database: Arc<dyn InboxDatabase>,
    pub(crate) capabilities: Capabilities,
}

impl InboxCase {
    /// Creates a case with the inbox's table.
    pub(crate) async fn new(factory: &dyn InboxFactory) -> Self {
        let case = Self::without_table(factory).await;
        case.database.create_table().await;
        case
    }

    pub(crate) async fn without_table(factory: &dyn InboxFactory) -> Self {
        let fresh = factory.fresh().await;
        Self { database: fresh.database(), _fresh: fresh, capabilities: factory.capabilities() }
    }

    pub(crate) async fn try_handle(&self, consumer: &str, message: impl AnyMessage) -> Result<bool, KitInboxError> {
        let answers = try_handle_all(&self.database, consumer, vec![Arc::new(message)], TransactionEnd::Commit).await?;
        Ok(answers[0])
    }

    /// Handles one message in a committed transaction. Returns whether the message was new.
    pub(crate) async fn handle(&self, consumer: &str, message: impl AnyMessage) -> bool {
        let what = effect(&message);
        self.try_handle(consumer, message)
            .await
            .unwrap_or_else(|error| panic!("{consumer:?} handles {what:.100}: {error}"))
    }

    /// Handles messages in one transaction. Returns for each message whether it was new.
    pub(crate) async fn handle_all(
        &self,
        consumer: &str,
        messages: impl IntoIterator<Item = KitMessage>,
        end: TransactionEnd,
    ) -> Vec<bool> {
        let messages = messages.into_iter().map(|message| Arc::new(message) as Arc<dyn AnyMessage>).collect();
        let handled = try_handle_all(&self.database, consumer, messages, end).await;
        handled.unwrap_or_else(|error| panic!("{consumer:?} handles several messages: {error}"))
    }

    pub(crate) async fn forget(&self, consumer: &str, age: Duration) -> u64 {
        let deleted = self.database.forget_older_than(consumer, age).await;
        deleted.unwrap_or_else(|error| panic!("{consumer:?} deletes records older than {age:?}: {error}"))
    }

    pub(crate) async fn expect_effects<const N: usize>(&self, expected: [&str; N]) {
        let mut effects = self.database.effects().await;
        effects.sort();
        assert_eq!(effects, expected, "the effects of committed transactions");
    }
}

pub(crate) async fn try_handle_all(
    database: &Arc<dyn InboxDatabase>,
    consumer: &str,
    messages: Vec<Arc<dyn AnyMessage>>,
    end: TransactionEnd,
) -> Result<Vec<bool>, KitInboxError> {
    let length = messages.len();
    let answers = database.handle(HandlerTransaction { consumer: consumer.to_owned(), messages, end }).await?;
    assert_eq!(answers.len(), length, "one result per message");
    Ok(answers)
}
