use castore_core::storage::{GroupedRawEvent, StorageError};

use super::within::lost;
use crate::schema::quote_literal;
use crate::statement::{Session, query_once};

/// The check that a transaction contains events of at most one isolated schema. The setting `castore.isolated_schema`
/// contains the isolated schema of the events that were pushed in the transaction. The server resets the setting when
/// the transaction ends or is rolled back to an earlier savepoint.
pub(super) struct Isolation<'a> {
    schema: &'a str,
}

impl<'a> Isolation<'a> {
    /// An SQL expression for the isolated schema of the transaction. It is NULL if the transaction contains no events
    /// of an isolated schema.
    const OF_TRANSACTION: &'static str = "nullif(current_setting('castore.isolated_schema', true), '')";

    pub(super) fn new(schema: &'a str) -> Self {
        Self { schema }
    }

    /// Returns an SQL condition that is true if the transaction contains no events of another isolated schema. In this
    /// case, the condition also sets the schema of the transaction. `CASE` guarantees the order of evaluation.
    pub(super) fn join(&self) -> String {
        let (schema, current) = (quote_literal(self.schema), Self::OF_TRANSACTION);
        format!(
            "CASE WHEN coalesce({current}, {schema}) = {schema}
             THEN set_config('castore.isolated_schema', {schema}, true) = {schema} ELSE false END"
        )
    }

    /// Checks that the transaction contains no events of another isolated schema.
    pub(super) async fn check(&self, session: &impl Session, event: &GroupedRawEvent) -> Result<(), StorageError> {
        let rows = query_once(session, &format!("SELECT {}", Self::OF_TRANSACTION), &[]).await.map_err(lost)?;
        let current: Option<&str> = rows.first().and_then(|row| row.try_get(0).ok().flatten());
        match current.filter(|current| *current != self.schema) {
            Some(other) => Err(StorageError::TransactionSpansStorages {
                index: 0,
                event_store_id: event.event_store_id.to_owned(),
                stored_in: format!("the schema {:?}", self.schema),
                transaction_of: format!("the schema {other:?}"),
            }),
            None => Ok(()),
        }
    }
}
