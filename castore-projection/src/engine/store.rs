use std::error::Error;
use std::future::Future;
use std::ops::Range;
use std::sync::Arc;

use castore_core::log::LogEntry;

use super::{Checkpoint, ReadModelVersion, Rejection};
use crate::ParkedProjectionAggregate;

/// The transactions of one version of a read model. A database implements this trait; each method is one transaction.
///
/// The futures are never dropped before they are done, except together with the projection itself: when its handle is
/// dropped, and when its runtime ends. A transaction that was not committed by then must be rolled back.
///
/// `Arc<[LogEntry]>` with a range serves both kinds of driver: one whose transaction lives on a thread moves the `Arc`
/// there, one whose transaction is held over awaits borrows from it.
pub trait ReadModelStore: Send + Sync + 'static {
    /// The name of the read model.
    const NAME: &'static str;

    /// The version of the read model.
    const VERSION: u32;

    /// Applies the events of the range in their order, except those of parked aggregates, and moves the checkpoint from the
    /// position `from` to `to`.
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

    /// Lets readers use this version, if it has read as far as the version that they use.
    ///
    /// `position` is its checkpoint; the log was read up to `scanned_to`. If the version in use is ahead of the checkpoint,
    /// but not of `scanned_to`, the checkpoint moves to the position of the version in use: there are no events between. The
    /// event that is stored with the checkpoint stays.
    fn swap(&self, position: u64, scanned_to: u64) -> impl Future<Output = Result<Swapped, StoreError>> + Send;

    /// Returns what the registry knows of this version. `None` if it was dropped.
    fn version(&self) -> impl Future<Output = Result<Option<ReadModelVersion>, StoreError>> + Send;

    /// Returns the position of the first event of a parked aggregate that is not applied. `None` if it is not parked.
    fn find_parked(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
    ) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;

    /// Applies one event of a parked aggregate, and moves the aggregate to the position after it.
    fn apply_parked(&self, event: LogEntry) -> impl Future<Output = Result<Retried, StoreError>> + Send;

    /// Records that an event of a parked aggregate was refused again, as [`ParkedProjectionAggregate::refused_again`]
    /// says: not if the aggregate is already beyond the event.
    fn refuse_parked(&self, event: LogEntry, error: String) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes an aggregate off the list of parked ones, all of whose events up to `checkpoint` are applied. Returns
    /// `false`, and changes nothing, if the checkpoint has moved on.
    fn unpark(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        checkpoint: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Closes what was opened for this projection. Called when the projection ends by itself or is shut down.
    fn close(self) -> impl Future<Output = ()> + Send
    where
        Self: Sized,
    {
        async {}
    }
}

/// The outcome of applying or parking. Nothing was written unless it is [`Done`](Self::Done).
#[derive(Debug)]
pub enum Applied {
    /// The transaction was committed.
    Done(ReadModelVersion),
    /// The checkpoint was at another position: another process runs the same version.
    Moved(ReadModelVersion),
    /// The projection failed at an event.
    Refused {
        /// The index of the event in the range.
        index: usize,
        /// The reason.
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
    /// Another process has retried or unparked the aggregate.
    Changed,
    /// The projection failed at the event again. Nothing was written.
    Refused(Rejection),
}

/// The outcome of taking over.
#[derive(Debug)]
pub enum Swapped {
    /// Readers use this version now.
    Done(ReadModelVersion),
    /// The version in use is ahead, another process has moved this one, or readers hold the view for too long.
    NotYet,
    /// Readers use a later version.
    Superseded,
}

/// An error of a database driver.
pub type DatabaseError = Box<dyn Error + Send + Sync>;

/// A failure of the database, or of the thread or task that owns its connection. No event is at fault.
#[derive(Debug)]
pub enum StoreError {
    /// A temporary failure: the projection retries with a backoff and parks nothing.
    Unavailable(DatabaseError),
    /// The read model can no longer be trusted, or the store can no longer be used: the projection stops.
    Fatal(DatabaseError),
}

impl StoreError {
    /// The error of the driver.
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
