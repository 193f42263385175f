use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use castore_core::channel::PublishError;
use castore_core::event::Event;
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::time::Timestamp;
use castore_runtime::event_store::{EventStore, ListedAggregateId, Store};

use super::budget::Budget;
use super::merge_key::MergeKey;
use super::open::{OpenAggregate, Wanted};
use super::resumed::Resumed;
use crate::channel::EventPublisher;
use crate::report::{EventStoreScan, PourFailure, ResumePosition};

/// A scan of a store: reads the events of the store in the order of the pour, and prepares them for publishing on a
/// channel. The trait erases the types of the store and of the channel.
pub(crate) trait Scan: Send {
    fn event_store_id(&self) -> &'static str;

    /// Sets the selection of events, the resume point and the page size. Must be called before the first step, which
    /// already uses these settings.
    fn begin(&mut self, from: Option<Timestamp>, to: Option<Timestamp>, resumed: ResumedAt<'_>, page: u64);

    /// Returns a lower bound for the keys of the remaining events of this store. Returns `None` if all events are
    /// poured.
    fn head(&self) -> Option<MergeKey>;

    /// Advances the scan by one step: returns the next event to publish, or reads more from the store and returns
    /// `None`.
    fn step<'a>(&'a mut self, budget: &'a mut Budget) -> BoxFuture<'a, Result<Option<Ready>, PourFailure>>;

    fn scan(&self) -> EventStoreScan;
}

/// The end of the run that the pour resumes: the index of this store in the collection, the index of the last poured
/// event's store, and the position of that event. `None` if the pour does not resume an earlier run.
pub(crate) type ResumedAt<'a> = Option<(usize, usize, &'a ResumePosition)>;

/// The next event to publish.
pub(crate) struct Ready {
    /// A future that publishes the event.
    pub(crate) publish: BoxFuture<'static, Result<(), PublishError>>,
    pub(crate) place: ResumePosition,
    /// The type under which the event is stored.
    pub(crate) event_type: Cow<'static, str>,
}

pub(crate) struct StoreScan<S: EventSourced> {
    event_store: EventStore<S>,
    publisher: EventPublisher<S>,
    wanted: Wanted<S>,
    resumed: Resumed,
    /// The number of aggregates to list at once.
    page: u64,
    listed: VecDeque<ListedAggregateId<S>>,
    rest: RemainingPages,
    last_listed: Option<Timestamp>,
    /// The ordinal of the next aggregate to open.
    ordinal: u64,
    open: BinaryHeap<Entry<S>>,
    scan: EventStoreScan,
}

enum RemainingPages {
    First,
    After(String),
    None,
}

impl<S: EventSourced> StoreScan<S> {
    pub(crate) fn new(event_store: EventStore<S>, publisher: EventPublisher<S>) -> Self {
        let wanted = Wanted { from: None, to: None, event_types: None, with_state: publisher.carries_state };
        Self {
            event_store,
            publisher,
            wanted,
            resumed: Resumed::Not,
            page: 1,
            listed: VecDeque::new(),
            rest: RemainingPages::First,
            last_listed: None,
            ordinal: 0,
            open: BinaryHeap::new(),
            scan: EventStoreScan::of(S::EVENT_STORE_ID),
        }
    }

    pub(crate) fn add_event_type(&mut self, event_type: <S::Event as Event>::EventType) {
        self.wanted.event_types.get_or_insert_default().push(event_type);
    }

    /// Returns the key of the next aggregate to open, or of the next page of aggregates.
    fn head_of_list(&self) -> Option<MergeKey> {
        let timestamp = match (self.listed.front(), &self.rest) {
            (Some(listed), _) => Some(listed.initial_event_timestamp),
            (None, RemainingPages::None) => return None,
            (None, _) => self.last_listed,
        };
        Some(MergeKey { timestamp, ordinal: self.ordinal, version: 0 })
    }

    async fn list(&mut self) -> Result<(), PourFailure> {
        let mut request = self.event_store.list_aggregate_ids().limit(self.page);
        // Aggregates whose first event is after `to` have no events to pour.
        if let Some(to) = self.wanted.to {
            request = request.initial_event_before(to);
        }
        if let RemainingPages::After(token) = &self.rest {
            request = request.page_token(token.as_str());
        }
        let page = request.await?;
        if let Some(last) = page.aggregate_ids.last() {
            self.last_listed = Some(last.initial_event_timestamp);
        }
        self.listed = page.aggregate_ids.into();
        // An empty page may still be followed by another page.
        self.rest = page.next_page_token.map_or(RemainingPages::None, RemainingPages::After);
        Ok(())
    }

    async fn open(&mut self, listed: ListedAggregateId<S>, budget: &mut Budget) -> Result<(), PourFailure> {
        let id = listed.aggregate_id.to_string();
        let floor = self.resumed.floor(&id, listed.initial_event_timestamp);
        let ordinal = self.ordinal;
        self.ordinal += 1;
        self.scan.add(id, listed.initial_event_timestamp);
        let aggregate = OpenAggregate::new(listed.aggregate_id, listed.initial_event_timestamp, ordinal, floor);
        self.settle(aggregate, budget).await
    }

    /// Puts an aggregate into the heap of open aggregates if it has events left.
    async fn settle(&mut self, mut aggregate: OpenAggregate<S>, budget: &mut Budget) -> Result<(), PourFailure> {
        if let Some(key) = aggregate.settle(&self.event_store, &self.wanted, budget).await? {
            self.open.push(Entry { key, aggregate });
        }
        Ok(())
    }

    async fn pour(
        &mut self,
        mut aggregate: OpenAggregate<S>,
        budget: &mut Budget,
    ) -> Result<Option<Ready>, PourFailure> {
        let next = aggregate.pop(&self.event_store, &self.wanted, budget)?;
        self.settle(aggregate, budget).await?;
        Ok(next.map(|next| {
            let event_type = next.poured.stored.event_type.clone();
            Ready { publish: self.publisher.publish(next.poured), place: next.place, event_type }
        }))
    }
}

impl<S: EventSourced> Scan for StoreScan<S> {
    fn event_store_id(&self) -> &'static str {
        S::EVENT_STORE_ID
    }

    fn begin(&mut self, from: Option<Timestamp>, to: Option<Timestamp>, resumed: ResumedAt<'_>, page: u64) {
        self.wanted.from = from;
        self.wanted.to = to;
        self.resumed = resumed.map_or(Resumed::Not, |(index, last, place)| Resumed::at(index, last, place));
        self.page = page;
    }

    fn head(&self) -> Option<MergeKey> {
        let open = self.open.peek().map(|entry| entry.key);
        [open, self.head_of_list()].into_iter().flatten().min()
    }

    fn step<'a>(&'a mut self, budget: &'a mut Budget) -> BoxFuture<'a, Result<Option<Ready>, PourFailure>> {
        Box::pin(async move {
            let list = self.head_of_list();
            if let Some(entry) = self.open.peek()
                && list.is_none_or(|list| entry.key < list)
                && let Some(entry) = self.open.pop()
            {
                return self.pour(entry.aggregate, budget).await;
            }
            match self.listed.pop_front() {
                Some(listed) => self.open(listed, budget).await?,
                None => self.list().await?,
            }
            Ok(None)
        })
    }

    fn scan(&self) -> EventStoreScan {
        self.scan.clone()
    }
}

/// An open aggregate in the heap. The order is reversed, so that the heap returns the aggregate with the earliest next
/// event first.
struct Entry<S: EventSourced> {
    key: MergeKey,
    aggregate: OpenAggregate<S>,
}

impl<S: EventSourced> Ord for Entry<S> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

impl<S: EventSourced> PartialOrd for Entry<S> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<S: EventSourced> PartialEq for Entry<S> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<S: EventSourced> Eq for Entry<S> {}
