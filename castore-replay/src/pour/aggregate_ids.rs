use std::fmt;
use std::future::IntoFuture;
use std::num::NonZeroU32;
use std::sync::Arc;

use castore_core::channel::{Carries, PublishError};
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::message::AggregateExistsMessage;
use castore_core::time::Timestamp;
use castore_runtime::event_store::{EventStore, ListAggregateIds, ListedAggregateId, Store};
use tracing::Instrument;

use crate::channel::TakesAggregateIds;
use crate::rate::Rate;
use crate::report::{
    AfterAggregateId, EventStoreScan, OnProgress, PourError, PourFailure, PourProgress, PouredAggregateIds,
};

/// Returns a request that pours the ids of all aggregates of an event store into an aggregate-exists channel when
/// awaited. The messages are published as replays, in the order of [`list_aggregate_ids`](Store::list_aggregate_ids).
///
/// # Errors
/// The request returns a [`PourError`] if a page cannot be read, if a message cannot be published, or if the resume
/// point belongs to another event store.
///
/// # Cancellation
/// Dropping the future of the request stops the pour. The message in flight may or may not be published.
pub fn pour_event_store_aggregate_ids<S, T, C>(event_store: &T, message_channel: &C) -> PourEventStoreAggregateIds<S>
where
    S: EventSourced,
    T: Store<S>,
    C: Carries<S> + TakesAggregateIds,
{
    let channel = message_channel.clone();
    PourEventStoreAggregateIds {
        event_store: event_store.event_store().clone(),
        publish: Arc::new(move |message| {
            let publish = channel.publish_message(C::Message::from(message)).replay(true);
            publish.into_future()
        }),
        options: PourIdsOptions::default(),
    }
}

type Publish<S> = dyn Fn(AggregateExistsMessage<S>) -> BoxFuture<'static, Result<(), PublishError>> + Send + Sync;

/// A request to pour the aggregate ids of an event store, executed when awaited. See
/// [`pour_event_store_aggregate_ids`].
#[must_use = "nothing is poured before this is awaited"]
pub struct PourEventStoreAggregateIds<S: EventSourced> {
    event_store: EventStore<S>,
    publish: Arc<Publish<S>>,
    options: PourIdsOptions,
}

struct PourIdsOptions {
    limit: Option<u64>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    reverse: bool,
    rate: Rate,
    on_progress: OnProgress<AfterAggregateId>,
    resume_from: Option<AfterAggregateId>,
}

impl Default for PourIdsOptions {
    fn default() -> Self {
        Self {
            limit: None,
            after: None,
            before: None,
            reverse: false,
            rate: Rate::default(),
            on_progress: OnProgress::none(),
            resume_from: None,
        }
    }
}

/// The default number of aggregates in a page.
const PAGE: u64 = 100;

impl<S: EventSourced> PourEventStoreAggregateIds<S> {
    /// Sets the maximum number of aggregates in a page. Defaults to 100. The pour reads all pages. With 0, nothing is
    /// poured.
    pub fn limit(mut self, limit: u64) -> Self {
        self.options.limit = Some(limit);
        self
    }

    /// Selects aggregates whose first event has this timestamp or a later one.
    pub fn initial_event_after(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.options.after = Some(timestamp.into());
        self
    }

    /// Selects aggregates whose first event has this timestamp or an earlier one.
    pub fn initial_event_before(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.options.before = Some(timestamp.into());
        self
    }

    /// Sets whether the pour starts with the aggregate whose first event is the latest. Defaults to `false`.
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.options.reverse = reverse;
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
    pub fn on_progress(mut self, callback: impl FnMut(&PourProgress<AfterAggregateId>) + Send + 'static) -> Self {
        self.options.on_progress = OnProgress::call(callback);
        self
    }

    /// Makes the pour continue after the last aggregate id that an earlier run has poured. If that run failed or was
    /// dropped, the message in flight may be published twice. The other options must be the same as in that run. The
    /// counts start at 0 again.
    pub fn resume_from(mut self, point: AfterAggregateId) -> Self {
        self.options.resume_from = Some(point);
        self
    }
}

/// The state of a running pour.
struct Run<S: EventSourced> {
    request: PourEventStoreAggregateIds<S>,
    poured: u64,
    scan: EventStoreScan,
    last: Option<AfterAggregateId>,
}

impl<S: EventSourced> Run<S> {
    async fn pour(&mut self) -> Result<(), PourFailure> {
        let resumed = self.request.options.resume_from.take();
        if let Some(point) = &resumed
            && point.event_store_id != S::EVENT_STORE_ID
        {
            return Err(PourFailure::ForeignResumePoint {
                expected: S::EVENT_STORE_ID.to_owned(),
                found: point.event_store_id.clone(),
            });
        }
        self.last = resumed.clone();
        // The list contains all aggregates with the timestamp of the resume point again. The aggregates that are
        // already poured are skipped.
        let mut poured_before = resumed.clone();
        let mut page_token: Option<String> = None;
        loop {
            let mut list = self.list(resumed.as_ref());
            if let Some(token) = page_token {
                list = list.page_token(token);
            }
            let page = list.await?;
            for listed in page.aggregate_ids {
                if let Some(point) = &poured_before {
                    if listed.initial_event_timestamp == point.initial_event_timestamp {
                        if listed.aggregate_id.to_string() == point.aggregate_id {
                            poured_before = None;
                        }
                        continue;
                    }
                    poured_before = None;
                }
                self.publish(listed).await?;
            }
            match page.next_page_token {
                Some(token) => page_token = Some(token),
                None => return Ok(()),
            }
        }
    }

    fn list(&self, resumed: Option<&AfterAggregateId>) -> ListAggregateIds<S> {
        let PourIdsOptions { limit, mut after, mut before, reverse, .. } = self.request.options;
        // The pour resumes by timestamp instead of page token, because a page token is valid only for one adapter and
        // one limit.
        if let Some(AfterAggregateId { initial_event_timestamp: reached, .. }) = resumed {
            if reverse {
                before = Some(before.map_or(*reached, |before| before.min(*reached)));
            } else {
                after = after.max(Some(*reached));
            }
        }
        let mut list = self.request.event_store.list_aggregate_ids().limit(limit.unwrap_or(PAGE)).reverse(reverse);
        if let Some(after) = after {
            list = list.initial_event_after(after);
        }
        if let Some(before) = before {
            list = list.initial_event_before(before);
        }
        list
    }

    async fn publish(&mut self, listed: ListedAggregateId<S>) -> Result<(), PourFailure> {
        let ListedAggregateId { aggregate_id, initial_event_timestamp, .. } = listed;
        let id = aggregate_id.to_string();
        self.scan.add(id.clone(), initial_event_timestamp);
        self.request.options.rate.wait().await;
        let message = AggregateExistsMessage { aggregate_id, initial_event_timestamp: Some(initial_event_timestamp) };
        if let Err(source) = (self.request.publish)(message).await {
            let event_store_id = S::EVENT_STORE_ID;
            return Err(PourFailure::Publish { event_store_id, aggregate_id: id, version: None, source });
        }
        self.poured += 1;
        let event_store_id = S::EVENT_STORE_ID.to_owned();
        let last = self.last.insert(AfterAggregateId { event_store_id, aggregate_id: id, initial_event_timestamp });
        self.request.options.on_progress.report(self.poured, || last.clone());
        Ok(())
    }

    fn poured(self) -> PouredAggregateIds {
        PouredAggregateIds {
            poured_aggregate_id_count: self.poured,
            first_scanned_aggregate: self.scan.first_scanned_aggregate,
            last_scanned_aggregate: self.scan.last_scanned_aggregate,
            resume_point: self.last,
        }
    }
}

impl<S: EventSourced> IntoFuture for PourEventStoreAggregateIds<S> {
    type Output = Result<PouredAggregateIds, PourError<PouredAggregateIds>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut run = Run { request: self, poured: 0, scan: EventStoreScan::of(S::EVENT_STORE_ID), last: None };
            let span = tracing::debug_span!("pour_aggregate_ids", event_store = S::EVENT_STORE_ID);
            match run.pour().instrument(span).await {
                Ok(()) => Ok(run.poured()),
                Err(failure) => Err(PourError::new(run.poured(), failure)),
            }
        })
    }
}

impl<S: EventSourced> fmt::Debug for PourEventStoreAggregateIds<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PourEventStoreAggregateIds")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .finish_non_exhaustive()
    }
}
