use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;

use castore_core::event::{NewEvent, PreviousAggregate};
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::storage::{BlockingPushTransaction, PushOptions, PushTransaction};
use tracing::Instrument;

use super::finishing::Finishing;
use super::group::AllPushed;
use super::prepared::Prepared;
use super::within::Events;
use super::{GroupedEvent, PushWithin};
use crate::event_store::after_push::Publishers;
use crate::event_store::after_push::warn_of;
use crate::event_store::held_back::HeldBack;
use crate::event_store::unconnected::Settings;
use crate::event_store::{AfterCommit, EventStore, PushEventError, PushedEvent, StoredButNotPublished, Unpublished};

/// A request that pushes an event when awaited. See [`Store::push_event`](crate::event_store::Store::push_event), which
/// also documents what happens when the future is dropped.
#[must_use = "nothing is pushed before this is awaited"]
pub struct PushEvent<S: EventSourced, P = Unpublished> {
    event_store: EventStore<S>,
    publishers: Publishers<S>,
    event: NewEvent<S>,
    options: PushOptions,
    publishing: PhantomData<fn() -> P>,
}

impl<S: EventSourced, P> PushEvent<S, P> {
    pub(in crate::event_store) fn new(
        event_store: EventStore<S>,
        publishers: Publishers<S>,
        event: NewEvent<S>,
    ) -> Self {
        Self { event_store, publishers, event, options: PushOptions::default(), publishing: PhantomData }
    }

    /// Sets whether to overwrite a stored event of the same version. Defaults to `false`: if the version is already
    /// stored, the push fails with a conflict.
    pub fn force(mut self, force: bool) -> Self {
        self.options.force = force;
        self
    }

    /// Sets whether to store an event whose version does not directly follow the last version of its aggregate, for
    /// example in an import that skips events. Defaults to `false`: such a push fails with
    /// [`VersionGap`](PushEventError::VersionGap). A forced push may always leave a gap.
    pub fn allow_gap(mut self, allow_gap: bool) -> Self {
        self.options.allow_gap = allow_gap;
        self
    }

    /// Sets the previous aggregate: the aggregate before this event. See [`NewEvent::prev_aggregate`].
    pub fn prev_aggregate(mut self, prev_aggregate: impl PreviousAggregate<S>) -> Self {
        self.event.prev_aggregate = prev_aggregate.into_previous();
        self
    }

    /// Creates a request that pushes in a transaction of the caller. If the transaction is committed, the event is
    /// stored, together with everything else that the transaction writes. If it is rolled back, the event is not
    /// stored.
    ///
    /// The transaction, for example a `tokio_postgres::Transaction`, must belong to the database in which the event
    /// store stores its events. The event store must be a [`TransactionalStore`]: a store that is not connected to a
    /// channel, or whose events are published by a relay after the commit. For drivers that block, see
    /// [`within_blocking`](Self::within_blocking).
    ///
    /// After a conflict, the transaction can continue, because the push has not changed anything. Until the commit,
    /// only reads in the same transaction return the event.
    ///
    /// # Cancellation
    /// If the future is dropped, the transaction must be rolled back.
    ///
    /// # Errors
    /// When awaited: [`PushEventError`]. The error is [`HookInTransaction`](PushEventError::HookInTransaction) if the
    /// store has a hook, and [`Storage`](PushEventError::Storage) if the storage rejects the event. The source of
    /// `Storage` may be, for example:
    /// * [`StorageError::OtherStorage`] if the transaction belongs to another database.
    /// * [`StorageError::TransactionSpansStorages`] if the transaction already contains events of a storage that is
    ///   isolated from this one, for example the schema of another tenant.
    /// * [`StorageError::TransactionLost`] if the transaction can only be rolled back.
    ///
    /// [`TransactionalStore`]: crate::event_store::TransactionalStore
    /// [`StorageError::OtherStorage`]: castore_core::storage::StorageError::OtherStorage
    /// [`StorageError::TransactionSpansStorages`]: castore_core::storage::StorageError::TransactionSpansStorages
    /// [`StorageError::TransactionLost`]: castore_core::storage::StorageError::TransactionLost
    pub fn within<T, K: 'static>(self, transaction: &mut T) -> PushWithin<'_, PushedEvent<S>>
    where
        P: AfterCommit,
        T: PushTransaction<K>,
    {
        self.into_events().within(transaction)
    }

    /// Pushes in a transaction of a blocking driver, such as a `rusqlite::Transaction` or an `SqliteTransaction`.
    /// See [`within`](Self::within).
    ///
    /// # Errors
    /// The errors of [`within`](Self::within), returned directly instead of when awaited.
    pub fn within_blocking<T, K>(self, transaction: &T) -> Result<PushedEvent<S>, PushEventError>
    where
        P: AfterCommit,
        T: BlockingPushTransaction<K>,
    {
        self.into_events().within_blocking(transaction)
    }

    /// Converts the request into a group with a single event.
    fn into_events(self) -> Events<PushedEvent<S>> {
        let event = GroupedEvent::<S>::new(self.event_store, self.publishers, self.event);
        Events { elements: vec![Box::new(event)], assemble: AllPushed::take, options: self.options }
    }

    async fn run(self, settings: Arc<Settings<S>>) -> Result<PushedEvent<S>, PushEventError> {
        let adapter = settings.adapter()?;
        self.publishers.check()?;
        let timestamp = self.event.timestamp.unwrap_or_else(|| settings.now());
        let (prepared, raw) = Prepared::new(self.event, timestamp)?;
        prepared.check_integers(&raw, &settings)?;
        let stored = match adapter.push_event(S::EVENT_STORE_ID, raw, self.options).await {
            Ok(stored) => stored,
            Err(error) => return Err(prepared.error(error)),
        };
        let pushed = prepared.stored(stored);
        if self.options.force {
            Box::pin(settings.forget_snapshots(&pushed.event.aggregate_id)).await;
        }
        tracing::debug!(
            event_store = S::EVENT_STORE_ID,
            aggregate_id = %pushed.event.aggregate_id,
            version = pushed.event.version,
            event_type = pushed.event.type_name(),
            "pushed an event"
        );
        if !self.publishers.follow(&settings) {
            return Ok(pushed);
        }
        let mut held_back = HeldBack::default();
        let (forced, event_store) = (self.options.force, &self.event_store);
        let follow = self.publishers.run(&pushed, forced, event_store, &settings, &mut held_back);
        let failures = Box::pin(follow).await;
        if failures.is_empty() {
            return Ok(pushed);
        }
        warn_of(&failures);
        Err(StoredButNotPublished::new(vec![Box::new(pushed)], failures).into())
    }
}

impl<S: EventSourced, P: 'static> IntoFuture for PushEvent<S, P> {
    type Output = Result<PushedEvent<S>, PushEventError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let span = tracing::debug_span!(
            "push_event",
            event_store = S::EVENT_STORE_ID,
            aggregate_id = tracing::field::Empty,
            version = self.event.version,
            force = self.options.force,
        );
        let settings = self.event_store.settings();
        let background = self.publishers.follow(&settings).then(|| self.event_store.background().clone());
        // Checking a disabled span at every poll would cost more than the poll itself.
        let push: Self::IntoFuture = if span.is_disabled() {
            Box::pin(self.run(settings))
        } else {
            span.record("aggregate_id", tracing::field::display(&self.event.aggregate_id));
            Box::pin(self.run(settings).instrument(span))
        };
        match background {
            Some(background) => Box::pin(Finishing::new(push, vec![background])),
            None => push,
        }
    }
}

impl<S: EventSourced, P> fmt::Debug for PushEvent<S, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushEvent")
            .field("event", &self.event)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
