use std::error::Error;
use std::future::Future;
use std::ops::Range;
use std::sync::Arc;

use castore_core::log::{LogEntry, LogId};

use super::{Checkpoint, ReadModelVersion, Rejection};
use crate::{ParkedProjectionAggregate, ProjectionRequest};

/// A store for one version of a read model, implemented by the crate of a database. Each method except
/// [`close`](Self::close) is one transaction.
///
/// A future is dropped before it completes only if the last handle of the projection is dropped, if the projection is
/// aborted, or if the runtime ends. If the transaction has not been committed at that time, it must be rolled back.
///
/// Events are passed as an `Arc<[LogEntry]>` with a range, because this suits blocking and async database drivers. A
/// store that runs the transaction on another thread moves the `Arc` to that thread. A store that holds the transaction
/// across awaits borrows from the `Arc`.
pub trait ReadModelStore: Send + Sync + 'static {
    /// The name of the read model.
    const NAME: &'static str;

    /// The version of the read model.
    const VERSION: u32;

    /// Applies the events of the range in order, except the events of parked aggregates, and moves the checkpoint from
    /// the position `from` to `to`.
    fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> impl Future<Output = Result<Applied, StoreError>> + Send;

    /// Parks an aggregate and moves the checkpoint from the position `from` to `to`.
    fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> impl Future<Output = Result<Applied, StoreError>> + Send;

    /// Switches readers to this version, if it has read the log at least as far as the version in use.
    ///
    /// `position` is the checkpoint of this version, and the log was read up to `scanned_to`. If the position of the
    /// version in use is between `position` and `scanned_to`, the checkpoint moves to that position, because the log
    /// has no events for this version in between. The event that is stored with the checkpoint does not change.
    fn swap(&self, position: u64, scanned_to: u64) -> impl Future<Output = Result<Swapped, StoreError>> + Send;

    /// Returns the registry entry of this version, or `None` if the version was dropped.
    fn version(&self) -> impl Future<Output = Result<Option<ReadModelVersion>, StoreError>> + Send;

    /// Returns the position of the first unapplied event of a parked aggregate, or `None` if the aggregate is not
    /// parked.
    fn find_parked(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
    ) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;

    /// Applies one event of a parked aggregate, and moves the position of the aggregate's next event past this event.
    /// If that position is no longer `from`, writes nothing and returns [`Retried::Changed`].
    fn apply_parked(&self, event: LogEntry, from: u64) -> impl Future<Output = Result<Retried, StoreError>> + Send;

    /// Records that an event of a parked aggregate was rejected again, as described at
    /// [`ParkedProjectionAggregate::refused_again`]. Does nothing if a later event of the aggregate is next.
    fn refuse_parked(&self, event: LogEntry, error: String) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Unparks an aggregate whose events up to `checkpoint` are all applied. Changes nothing and returns `false` if the
    /// checkpoint has moved in the meantime.
    fn unpark(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        checkpoint: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Returns the requests that are stored for this version, in any order. Omits requests of kinds that this release
    /// does not know.
    fn requests(&self) -> impl Future<Output = Result<Vec<ProjectionRequest>, StoreError>> + Send;

    /// Removes a request after it was carried out. Does nothing if the request is not stored.
    fn close_request(&self, request: ProjectionRequest) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Rebuilds this version if [`ProjectionRequest::Rebuild`] is stored for it: empties its tables, moves its
    /// checkpoint to the beginning of the log `log_id`, and removes its parked aggregates and requests. Otherwise
    /// changes nothing, because another process has already carried out the request.
    ///
    /// Returns the registry entry of this version, or `None` if the version was dropped.
    fn rebuild(&self, log_id: &LogId) -> impl Future<Output = Result<Option<ReadModelVersion>, StoreError>> + Send;

    /// Closes the resources that were opened for this projection. The engine calls this method when the projection ends
    /// by itself or is shut down.
    fn close(self) -> impl Future<Output = ()> + Send
    where
        Self: Sized,
    {
        async {}
    }
}

/// The outcome of applying events or parking an aggregate. Only [`Done`](Self::Done) means that something was written.
#[derive(Debug)]
pub enum Applied {
    /// The transaction was committed.
    Done(ReadModelVersion),
    /// The checkpoint was not at the expected position, because another process has moved it. Nothing was written.
    Moved(ReadModelVersion),
    /// The projection rejected an event.
    Refused {
        /// The index of the event in the range.
        index: usize,
        /// The reason why the event was rejected.
        refusal: Rejection,
    },
    /// The version was dropped.
    Gone,
}

/// The outcome of applying an event of a parked aggregate.
#[derive(Debug)]
pub enum Retried {
    /// The event is applied.
    Done,
    /// The next event of the aggregate has another position than expected, or the aggregate is not parked. Another
    /// process has retried the aggregate, or the version was rebuilt or dropped. Nothing was written.
    Changed,
    /// The projection rejected the event again. Nothing was written.
    Refused(Rejection),
}

/// The outcome of an attempt to switch readers to this version.
#[derive(Debug)]
pub enum Swapped {
    /// Readers use this version now.
    Done(ReadModelVersion),
    /// The switch was not possible: the version in use is ahead, another process has moved the checkpoint of this
    /// version, or readers keep the view locked for too long.
    NotYet,
    /// Readers use a later version, so this version is never used.
    Superseded,
}

/// An error of a database driver.
pub type DatabaseError = Box<dyn Error + Send + Sync>;

/// A failure of the database, or of the thread or task that owns the connection. Such a failure is not caused by an
/// event.
#[derive(Debug)]
pub enum StoreError {
    /// A temporary failure: the projection retries with a backoff and parks nothing.
    Unavailable(DatabaseError),
    /// The read model can no longer be trusted, or the store can no longer be used: the projection stops.
    Fatal(DatabaseError),
}

impl StoreError {
    /// Returns the error of the driver.
    pub fn into_source(self) -> DatabaseError {
        match self {
            Self::Unavailable(source) | Self::Fatal(source) => source,
        }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(source: DatabaseError) -> Self {
        Self::Unavailable(source)
    }
}
