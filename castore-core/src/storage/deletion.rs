use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::StorageError;

/// The deletion of aggregates, for operators who must remove the data of a person. Adapters implement this trait in
/// addition to [`EventStorageAdapter`](super::EventStorageAdapter) if their storage can remove events.
///
/// The command `events forget --delete` calls [`delete_aggregate`](Self::delete_aggregate). Event stores never delete
/// events.
///
/// # After the deletion
/// * The id is free: a push of version 1 begins a new aggregate with the same id. A push of any other version leaves a
///   gap, and is rejected with [`VersionGap`](super::VersionGap). An adapter that caches the last versions of
///   aggregates may still store such an event for a few seconds.
/// * Consumers may take the events of a new aggregate with the same id for duplicates of the deleted events: inboxes
///   remember the versions that they have handled, and SQS FIFO queues and NATS drop messages with an id that they have
///   received within their time window. Prefer a new id.
/// * The deletion counts as a rewrite of each deleted event, so that snapshots and caches of the old aggregate are not
///   used, even if the new aggregate has the same versions. See
///   [`rewrite_count`](super::EventStorageAdapter::rewrite_count).
/// * The [log](crate::log::EventLog) keeps its id, its end and the positions of all other events. The positions of the
///   deleted events stay empty. Readers continue after them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot delete aggregates",
    label = "cannot delete aggregates",
    note = "pass an in-memory, SQLite or Postgres storage adapter, without wrappers"
)]
#[async_trait]
pub trait AggregateDeletion: Debug + Send + Sync + 'static {
    /// Deletes all events of an aggregate, and its snapshots in this storage, in one transaction.
    ///
    /// `last_version` is the version of the last event that the caller has read. If the aggregate has another last
    /// version by now, nothing is deleted, and the result is [`Deletion::Changed`]. Thus an event that was pushed after
    /// the caller has read the aggregate is not deleted, unless the aggregate was deleted in the meantime and has the
    /// same last version again. A concurrent push of the next version is either stored before the deletion, which
    /// then deletes nothing, or is handled like a push after the deletion.
    ///
    /// # Cancellation
    /// If the future is dropped, either everything or nothing is deleted.
    ///
    /// # Errors
    /// [`StorageError::Unsupported`] if the storage does not count rewrites, because readers of its log would then take
    /// a deletion for a replaced log; [`StorageError::Engine`] if the engine fails; [`StorageError::UnknownOutcome`] if
    /// it is unknown whether the aggregate was deleted. In this case, another call is safe.
    async fn delete_aggregate(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        last_version: u64,
    ) -> Result<Deletion, StorageError>;
}

/// The outcome of a [deletion](AggregateDeletion::delete_aggregate).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a deletion may have deleted nothing, because the aggregate has changed"]
pub enum Deletion {
    /// The aggregate was deleted.
    Deleted {
        /// The number of deleted events.
        events: u64,
    },
    /// Nothing was deleted, because the last version of the aggregate is not the expected one.
    Changed {
        /// The last version of the aggregate, or 0 if it has no events.
        last_version: u64,
    },
}

#[async_trait]
impl<D: AggregateDeletion + ?Sized> AggregateDeletion for Arc<D> {
    async fn delete_aggregate(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        last_version: u64,
    ) -> Result<Deletion, StorageError> {
        (**self).delete_aggregate(event_store_id, aggregate_id, last_version).await
    }
}
