use std::fmt;
use std::future::IntoFuture;
use std::num::NonZeroU32;

use castore_core::aggregate::Aggregate;
use castore_core::channel::Carries;
use castore_core::consumer::EventTypeOf;
use castore_core::event::{Event, EventDetail};
use castore_core::event_sourced::{EventSourced, IntoAggregateId};
use castore_core::event_store::EventStoreError;
use castore_core::future::BoxFuture;
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;
use castore_runtime::event_store::{EventStore, Store};
use tracing::Instrument;

use crate::channel::{EventPublisher, PouredEvent, TakesEvents};
use crate::rate::Rate;
use crate::report::{AfterAggregateEvent, OnProgress, PourError, PourFailure, PourProgress, PouredAggregateEvents};

/// Returns a request that pours the events of an aggregate into a channel when awaited. The events are published as
/// replays, in the order of their versions.
///
/// On a state-carrying channel, each message contains the aggregate at the version of its event. The pour computes the
/// aggregate from the events. With [`reverse`](PourAggregateEvents::reverse), the pour loads the aggregate for each
/// event instead.
///
/// # Errors
/// The request returns a [`PourError`] at the first event that cannot be read, reduced or published, or if the resume
/// point belongs to another aggregate.
///
/// # Cancellation
/// Dropping the future of the request stops the pour. The message in flight may or may not be published.
pub fn pour_aggregate_events<S, T, C>(
    event_store: &T,
    aggregate_id: impl IntoAggregateId<S::AggregateId>,
    message_channel: &C,
) -> PourAggregateEvents<S>
where
    S: EventSourced,
    T: Store<S>,
    C: Carries<S> + TakesEvents,
{
    let event_store = event_store.event_store().clone();
    PourAggregateEvents {
        publisher: EventPublisher::new(event_store.clone(), message_channel.clone()),
        event_store,
        aggregate_id: aggregate_id.into_aggregate_id(),
        options: PourEventsOptions::default(),
    }
}

/// A request to pour the events of an aggregate, executed when awaited. See [`pour_aggregate_events`].
#[must_use = "nothing is poured before this is awaited"]
pub struct PourAggregateEvents<S: EventSourced> {
    event_store: EventStore<S>,
    aggregate_id: S::AggregateId,
    publisher: EventPublisher<S>,
    options: PourEventsOptions<S>,
}

struct PourEventsOptions<S: EventSourced> {
    min_version: Option<u64>,
    max_version: Option<u64>,
    reverse: bool,
    limit: Option<u64>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    event_types: Option<Vec<<S::Event as Event>::EventType>>,
    rate: Rate,
    on_progress: OnProgress<AfterAggregateEvent>,
    resume_from: Option<AfterAggregateEvent>,
}

impl<S: EventSourced> Default for PourEventsOptions<S> {
    fn default() -> Self {
        Self {
            min_version: None,
            max_version: None,
            reverse: false,
            limit: None,
            from: None,
            to: None,
            event_types: None,
            rate: Rate::default(),
            on_progress: OnProgress::none(),
            resume_from: None,
        }
    }
}

impl<S: EventSourced> PourAggregateEvents<S> {
    /// Sets the first version to pour, inclusive.
    pub fn min_version(mut self, min_version: u64) -> Self {
        self.options.min_version = Some(min_version);
        self
    }

    /// Sets the last version to pour, inclusive.
    pub fn max_version(mut self, max_version: u64) -> Self {
        self.options.max_version = Some(max_version);
        self
    }

    /// Sets whether the highest version is poured first. Defaults to `false`.
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.options.reverse = reverse;
        self
    }

    /// Sets the maximum number of events to read, including events that are filtered out by timestamp or type. With 0,
    /// nothing is read. Defaults to no limit.
    pub fn limit(mut self, limit: u64) -> Self {
        self.options.limit = Some(limit);
        self
    }

    /// Selects events with this timestamp or a later one.
    pub fn from(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.options.from = Some(timestamp.into());
        self
    }

    /// Selects events with this timestamp or an earlier one.
    pub fn to(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.options.to = Some(timestamp.into());
        self
    }

    /// Selects an event type. Call this method again to add more types.
    pub fn event_type<T: EventTypeOf<S>>(mut self, event_type: T) -> Self {
        self.options.event_types.get_or_insert_default().push(event_type.into_event_type());
        self
    }

    /// Limits the number of messages per second, and spaces the messages evenly. The first message is published
    /// immediately. After a delay, the pour does not catch up with a burst of messages. Defaults to no limit. Requires
    /// a tokio runtime with time enabled.
    pub fn rate_limit(mut self, per_second: NonZeroU32) -> Self {
        self.options.rate = Rate::per_second(per_second);
        self
    }

    /// Sets a callback that is called after each published message.
    pub fn on_progress(mut self, callback: impl FnMut(&PourProgress<AfterAggregateEvent>) + Send + 'static) -> Self {
        self.options.on_progress = OnProgress::call(callback);
        self
    }

    /// Makes the pour continue after the last event that an earlier run has poured. If that run failed or was dropped,
    /// the message in flight may be published twice. The other options must be the same as in that run. The counts
    /// start at 0 again.
    pub fn resume_from(mut self, point: AfterAggregateEvent) -> Self {
        self.options.resume_from = Some(point);
        self
    }
}

/// The state of a running pour.
struct Run<S: EventSourced> {
    request: PourAggregateEvents<S>,
    aggregate_id: String,
    /// The number of events that this run and the resumed runs have read.
    read: u64,
    poured: PouredAggregateEvents<S>,
}

impl<S: EventSourced> Run<S> {
    fn new(request: PourAggregateEvents<S>) -> Self {
        let poured = PouredAggregateEvents {
            poured_event_count: 0,
            first_poured_event: None,
            last_poured_event: None,
            resume_point: None,
        };
        Self { aggregate_id: request.aggregate_id.to_string(), request, read: 0, poured }
    }

    async fn pour(&mut self) -> Result<(), PourFailure> {
        if !self.resume()? {
            return Ok(());
        }
        let folds = self.request.publisher.carries_state && !self.request.options.reverse;
        let mut aggregate = if folds { self.before().await? } else { None };
        let options = &self.request.options;
        let mut request = self.request.event_store.get_events(&self.request.aggregate_id).reverse(options.reverse);
        if let Some(min_version) = options.min_version {
            request = request.min_version(min_version);
        }
        if let Some(max_version) = options.max_version {
            request = request.max_version(max_version);
        }
        if let Some(limit) = options.limit {
            request = request.limit(limit.saturating_sub(self.read));
        }
        let mut events = request.stream();
        while let Some(next) = events.next_stored().await {
            let (event, stored) = next?.into_parts();
            self.read += 1;
            if folds {
                let next = self.request.event_store.build_aggregate([&event], aggregate);
                aggregate = next.map_err(EventStoreError::from)?;
            }
            if self.wants(&event) {
                self.publish(event, stored, aggregate.clone()).await?;
            }
        }
        Ok(())
    }

    /// Skips the events that an earlier run has poured. Returns whether events may be left.
    fn resume(&mut self) -> Result<bool, PourFailure> {
        let options = &mut self.request.options;
        let Some(point) = options.resume_from.take() else { return Ok(true) };
        if point.event_store_id != S::EVENT_STORE_ID || point.aggregate_id != self.aggregate_id {
            return Err(PourFailure::ForeignResumePoint {
                expected: format!("{} aggregate {}", S::EVENT_STORE_ID, self.aggregate_id),
                found: format!("{} aggregate {}", point.event_store_id, point.aggregate_id),
            });
        }
        let next = if options.reverse { point.version.checked_sub(1) } else { point.version.checked_add(1) };
        if options.reverse {
            options.max_version = next;
        } else {
            options.min_version = next;
        }
        self.read = point.read;
        self.poured.resume_point = Some(point);
        Ok(next.is_some())
    }

    /// Loads the aggregate at the version before `min_version`. Returns `None` if there is no such version.
    async fn before(&mut self) -> Result<Option<Aggregate<S>>, PourFailure> {
        let first = self.request.options.min_version;
        let Some(before) = first.and_then(|version| version.checked_sub(1)) else { return Ok(None) };
        let read = self.request.event_store.get_aggregate(&self.request.aggregate_id).max_version(before);
        Ok(read.without_events().await?)
    }

    fn wants(&self, event: &EventDetail<S>) -> bool {
        let options = &self.request.options;
        options.from.is_none_or(|from| event.timestamp >= from)
            && options.to.is_none_or(|to| event.timestamp <= to)
            && options.event_types.as_ref().is_none_or(|types| types.contains(&event.event_type()))
    }

    async fn publish(
        &mut self,
        event: EventDetail<S>,
        stored: RawEvent,
        aggregate: Option<Aggregate<S>>,
    ) -> Result<(), PourFailure> {
        self.request.options.rate.wait().await;
        let version = event.version;
        let poured = PouredEvent { event: event.clone(), stored, aggregate };
        if let Err(source) = self.request.publisher.publish(poured).await {
            return Err(PourFailure::Publish {
                event_store_id: S::EVENT_STORE_ID,
                aggregate_id: self.aggregate_id.clone(),
                version: Some(version),
                source,
            });
        }
        self.poured.poured_event_count += 1;
        if self.poured.first_poured_event.is_none() {
            self.poured.first_poured_event = Some(event.clone());
        }
        self.poured.last_poured_event = Some(event);
        let point = self.poured.resume_point.insert(AfterAggregateEvent {
            event_store_id: S::EVENT_STORE_ID.to_owned(),
            aggregate_id: self.aggregate_id.clone(),
            version,
            read: self.read,
        });
        self.request.options.on_progress.report(self.poured.poured_event_count, || point.clone());
        Ok(())
    }
}

impl<S: EventSourced> IntoFuture for PourAggregateEvents<S> {
    type Output = Result<PouredAggregateEvents<S>, PourError<PouredAggregateEvents<S>>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut run = Run::new(self);
            let span = tracing::debug_span!(
                "pour_aggregate_events",
                event_store = S::EVENT_STORE_ID,
                aggregate_id = run.aggregate_id.as_str(),
            );
            match run.pour().instrument(span).await {
                Ok(()) => Ok(run.poured),
                Err(failure) => Err(PourError::new(run.poured, failure)),
            }
        })
    }
}

impl<S: EventSourced> fmt::Debug for PourAggregateEvents<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PourAggregateEvents")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .finish_non_exhaustive()
    }
}
