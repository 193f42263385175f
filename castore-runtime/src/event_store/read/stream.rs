use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use castore_core::event::{EventDetail, StoredEvent};
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::future::BoxFuture;
use castore_core::storage::{GetEventsOptions, RawEvent, StorageError};
use futures_core::Stream;

use crate::event_store::EventStore;

/// The number of events per page.
const PAGE: u64 = 256;

/// A stream of the events of an aggregate, read page by page. See [`GetEvents::stream`](super::GetEvents::stream).
///
/// The type implements `Stream`. Its own method [`next`](Self::next) works without an extension trait. The stream ends
/// after an error.
#[must_use = "nothing is read before the stream is asked for an event"]
pub struct EventStream<S: EventSourced> {
    event_store: EventStore<S>,
    aggregate_id: String,
    page: VecDeque<RawEvent>,
    state: State,
}

enum State {
    /// A further page to read, with the options for the remaining events.
    More(GetEventsOptions),
    Reading {
        options: GetEventsOptions,
        limit: u64,
        page: BoxFuture<'static, Result<Vec<RawEvent>, StorageError>>,
    },
    End,
}

impl<S: EventSourced> EventStream<S> {
    pub(super) fn new(event_store: EventStore<S>, aggregate_id: S::AggregateId, options: GetEventsOptions) -> Self {
        let state = if options.limit == Some(0) { State::End } else { State::More(options) };
        Self { event_store, aggregate_id: aggregate_id.to_string(), page: VecDeque::new(), state }
    }

    /// Returns the next event, or `None` after the last.
    ///
    /// # Errors
    /// [`EventStoreError`], after which the stream ends.
    pub async fn next(&mut self) -> Option<Result<EventDetail<S>, EventStoreError>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the next event together with its stored JSON, or `None` after the last. See [`StoredEvent`].
    ///
    /// # Errors
    /// [`EventStoreError`], after which the stream ends.
    pub async fn next_stored(&mut self) -> Option<Result<StoredEvent<S>, EventStoreError>> {
        std::future::poll_fn(|context| self.poll_stored(context)).await
    }

    fn read(&self, options: GetEventsOptions) -> Result<State, EventStoreError> {
        let adapter = self.event_store.settings().adapter()?.clone();
        let limit = options.limit.unwrap_or(PAGE).min(PAGE);
        let aggregate_id = self.aggregate_id.clone();
        let asked = options.limit(limit);
        let page = Box::pin(async move { adapter.get_events(S::EVENT_STORE_ID, &aggregate_id, asked).await });
        Ok(State::Reading { options, limit, page })
    }

    fn end<T>(&mut self, error: EventStoreError) -> Option<Result<T, EventStoreError>> {
        self.state = State::End;
        self.page.clear();
        Some(Err(error))
    }
    fn poll_stored(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<StoredEvent<S>, EventStoreError>>> {
        loop {
            if let Some(raw) = self.page.pop_front() {
                return Poll::Ready(match StoredEvent::decode(raw) {
                    Ok(event) => Some(Ok(event)),
                    Err(error) => self.end(error.into()),
                });
            }
            match &mut self.state {
                State::End => return Poll::Ready(None),
                State::More(options) => {
                    let options = *options;
                    match self.read(options) {
                        Ok(reading) => self.state = reading,
                        Err(error) => return Poll::Ready(self.end(error)),
                    }
                }
                State::Reading { options, limit, page } => {
                    let (options, limit) = (*options, *limit);
                    match ready!(page.as_mut().poll(context)) {
                        Ok(events) => {
                            let more = events.last().filter(|_| events.len() as u64 == limit);
                            let rest = more.and_then(|last| options.after(last.version, limit));
                            self.state = rest.map_or(State::End, State::More);
                            self.page = events.into();
                        }
                        Err(source) => {
                            let aggregate_id = Some(self.aggregate_id.clone());
                            let event_store_id = S::EVENT_STORE_ID;
                            let source = Box::new(source);
                            let error = EventStoreError::Storage { event_store_id, aggregate_id, source };
                            return Poll::Ready(self.end(error));
                        }
                    }
                }
            }
        }
    }
}

/// The stream contains no pinned data: the future is boxed.
impl<S: EventSourced> Unpin for EventStream<S> {}

impl<S: EventSourced> Stream for EventStream<S> {
    type Item = Result<EventDetail<S>, EventStoreError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_stored(context).map(|next| next.map(|stored| stored.map(|stored| stored.into_parts().0)))
    }
}

impl<S: EventSourced> fmt::Debug for EventStream<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventStream")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &self.aggregate_id)
            .finish_non_exhaustive()
    }
}
