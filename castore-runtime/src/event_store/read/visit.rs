use std::borrow::Cow;
use std::ops::ControlFlow;

use castore_core::event::{DecodeEventError, EventDetail, decode};
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::storage::{EventVisitor, GetEventsOptions, RawEventRef, StorageError};
use tokio::sync::oneshot;
use tracing::Instrument;

use crate::event_store::EventStore;

/// The accumulated result of a visitor. When the adapter drops the visitor, on any thread, the result is sent to the
/// reader.
struct Accumulator<A> {
    result: Option<Result<A, EventStoreError>>,
    send: Option<oneshot::Sender<Result<A, EventStoreError>>>,
}

impl<A> Drop for Accumulator<A> {
    fn drop(&mut self) {
        // After a panic in the reducer, nothing is sent, because the result is incomplete.
        if std::thread::panicking() {
            return;
        }
        if let (Some(result), Some(send)) = (self.result.take(), self.send.take()) {
            // Sending fails if the read was canceled.
            let _ = send.send(result);
        }
    }
}

/// The receiver of the value that a visitor has accumulated.
pub(super) struct Accumulated<A>(oneshot::Receiver<Result<A, EventStoreError>>);

/// Returns a visitor, and the receiver of the value that it accumulates. The visitor decodes events and calls `each`
/// with one event at a time, so that the events do not all have to fit in memory. The initial value is `start`.
pub(super) fn decoding<S: EventSourced, A: Send + 'static>(
    start: A,
    mut each: impl FnMut(&mut A, Cow<'_, EventDetail<S>>) -> Result<(), EventStoreError> + Send + 'static,
) -> (EventVisitor, Accumulated<A>) {
    let (send, receive) = oneshot::channel();
    let mut accumulator = Accumulator { result: Some(Ok(start)), send: Some(send) };
    let visitor = Box::new(move |raw: RawEventRef<'_>| {
        // The accumulator is borrowed as a whole, so that the closure captures the accumulator itself and not only its
        // fields. Then the accumulator is dropped, and sends the result, when the closure is dropped.
        let accumulator = &mut accumulator;
        let Some(Ok(so_far)) = &mut accumulator.result else { return ControlFlow::Break(()) };
        match decode_once(raw, |event| each(so_far, event)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                accumulator.result = Some(Err(error));
                ControlFlow::Break(())
            }
        }
    });
    (visitor, Accumulated(receive))
}

impl<A> Accumulated<A> {
    /// Returns the result of a read that has ended. Waits until the visitor is dropped, which may happen on another
    /// thread.
    pub(super) async fn of<S: EventSourced>(
        self,
        read: Result<(), StorageError>,
        aggregate_id: String,
    ) -> Result<A, EventStoreError> {
        match read {
            // The channel is closed without a result if the visitor was dropped during a panic, for example of a
            // reducer on the adapter's thread.
            Ok(()) => self.0.await.unwrap_or_else(|_| Err(abandoned::<S>(aggregate_id))),
            Err(error) => Err(failed::<S>(error, aggregate_id)),
        }
    }

    /// Returns the result of a read that has ended, without waiting. The visitor must already be dropped.
    pub(super) fn now<S: EventSourced>(
        mut self,
        read: Result<(), StorageError>,
        aggregate_id: String,
    ) -> Result<A, EventStoreError> {
        match read {
            Ok(()) => self.0.try_recv().unwrap_or_else(|_| Err(abandoned::<S>(aggregate_id))),
            Err(error) => Err(failed::<S>(error, aggregate_id)),
        }
    }
}

fn failed<S: EventSourced>(error: StorageError, aggregate_id: String) -> EventStoreError {
    let source = Box::new(error);
    EventStoreError::Storage { event_store_id: S::EVENT_STORE_ID, aggregate_id: Some(aggregate_id), source }
}

fn abandoned<S: EventSourced>(aggregate_id: String) -> EventStoreError {
    EventStoreError::ReadAbandoned { event_store_id: S::EVENT_STORE_ID, aggregate_id }
}

/// Reads and decodes the events of an aggregate, and returns the accumulated value. See [`decoding`].
pub(super) async fn visit_decoded<S: EventSourced, A: Send + 'static>(
    event_store: &EventStore<S>,
    aggregate_id: &S::AggregateId,
    options: GetEventsOptions,
    start: A,
    each: impl FnMut(&mut A, Cow<'_, EventDetail<S>>) -> Result<(), EventStoreError> + Send + 'static,
) -> Result<A, EventStoreError> {
    let settings = event_store.settings();
    let adapter = settings.adapter()?;
    let id = aggregate_id.to_string();
    let (visitor, accumulated) = decoding::<S, A>(start, each);
    let span = read_span::<S>(&id);
    let read = adapter.visit_events(S::EVENT_STORE_ID, &id, options, visitor);
    let read = if span.is_disabled() { read.await } else { read.instrument(span).await };
    accumulated.of::<S>(read, id).await
}

pub(super) fn read_span<S: EventSourced>(aggregate_id: &str) -> tracing::Span {
    tracing::debug_span!("read_events", event_store = S::EVENT_STORE_ID, aggregate_id)
}

/// Calls `then` with the decoded event. If the raw event has a cache, later calls use the cached event.
fn decode_once<S: EventSourced, T>(
    raw: RawEventRef<'_>,
    then: impl FnOnce(Cow<'_, EventDetail<S>>) -> Result<T, EventStoreError>,
) -> Result<T, EventStoreError> {
    let Some(cache) = raw.decoded else {
        return then(Cow::Owned(decode(raw)?));
    };
    if let Some(event) = cache.get::<EventDetail<S>>() {
        return then(Cow::Borrowed(event));
    }
    let event: Result<EventDetail<S>, DecodeEventError> = decode(raw);
    cache.set(event?);
    match cache.get() {
        Some(event) => then(Cow::Borrowed(event)),
        // The cache contains a value of another type: two parts of this process define the same store with different
        // types.
        None => then(Cow::Owned(decode(raw)?)),
    }
}
