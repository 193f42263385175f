use std::sync::Arc;

use castore_core::channel::{
    Carries, CarriesEvents, HeldBackError, MessageChannel, MessageOrder, PublishError, Publisher, Registration,
    RejectedMessage, TwoPublishersError,
};
use castore_core::consumer::HandlerError;
use castore_core::error::error_chain;
use castore_core::event_sourced::EventSourced;
use castore_core::future::{BoxFuture, catch_panic};
use castore_core::message::EventCarrying;

use super::held_back::HeldBack;
use super::unconnected::Settings;
use super::{AfterPushFailure, AfterPushStep, EventStore, PushedEvent};

/// The connection of a store to one channel. A push calls [`publish`](Self::publish) after it has stored an event,
/// except if the caller pushes in its own transaction. The type of the channel is erased: it was checked when the store
/// was connected.
pub(super) trait AfterPush<S: EventSourced>: Send + Sync {
    fn message_channel_id(&self) -> &'static str;

    /// Returns whether the messages of an aggregate must be published in order.
    fn keeps_order(&self) -> bool;

    /// Returns an error if the event of a push would be published twice: by this store, and by a relay.
    fn check(&self) -> Result<(), TwoPublishersError>;

    fn publish<'a>(
        &'a self,
        pushed: &'a PushedEvent<S>,
        forced: bool,
        event_store: &'a EventStore<S>,
    ) -> BoxFuture<'a, Result<(), PublishError>>;
}

pub(super) struct PublishOnChannel<C> {
    channel: C,
    registration: Registration,
}

impl<C: MessageChannel> PublishOnChannel<C> {
    pub(super) fn new<S: EventSourced>(channel: C) -> Self {
        let registration = channel.__core().register(vec![S::EVENT_STORE_ID], Publisher::Connected);
        Self { channel, registration }
    }
}

impl<S: EventSourced, C: Carries<S> + CarriesEvents> AfterPush<S> for PublishOnChannel<C> {
    fn message_channel_id(&self) -> &'static str {
        C::ID
    }

    fn keeps_order(&self) -> bool {
        C::Order::PER_AGGREGATE
    }

    fn check(&self) -> Result<(), TwoPublishersError> {
        self.registration.check(C::ID)
    }

    fn publish<'a>(
        &'a self,
        pushed: &'a PushedEvent<S>,
        forced: bool,
        event_store: &'a EventStore<S>,
    ) -> BoxFuture<'a, Result<(), PublishError>> {
        Box::pin(async move {
            let message = <C::Kind as EventCarrying>::message_about(
                pushed.event.clone(),
                pushed.next_aggregate.as_ref(),
                event_store,
            )
            .await?;
            self.channel.publish_message(C::Message::from(message)).forced(forced).await
        })
    }
}

/// An [`AfterPush`] that only wakes the relays of a channel that run in this process. A relay publishes the event.
pub(super) struct WakeRelay {
    message_channel_id: &'static str,
    registration: Registration,
}

impl WakeRelay {
    pub(super) fn new<S: EventSourced, C: MessageChannel>(channel: &C) -> Self {
        let registration = channel.__core().register(vec![S::EVENT_STORE_ID], Publisher::Relay);
        Self { message_channel_id: C::ID, registration }
    }
}

impl<S: EventSourced> AfterPush<S> for WakeRelay {
    fn message_channel_id(&self) -> &'static str {
        self.message_channel_id
    }

    /// Returns `false`, because the relay keeps the order.
    fn keeps_order(&self) -> bool {
        false
    }

    fn check(&self) -> Result<(), TwoPublishersError> {
        self.registration.check(self.message_channel_id)
    }

    fn publish<'a>(
        &'a self,
        _: &'a PushedEvent<S>,
        _: bool,
        _: &'a EventStore<S>,
    ) -> BoxFuture<'a, Result<(), PublishError>> {
        self.registration.wake_relays();
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The connections of a store to channels, in the order in which they were made.
#[doc(hidden)]
pub struct Publishers<S: EventSourced>(Option<Arc<[Arc<dyn AfterPush<S>>]>>);

impl<S: EventSourced> Clone for Publishers<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: EventSourced> Publishers<S> {
    pub fn none() -> Self {
        Self(None)
    }

    pub(super) fn and(self, publisher: impl AfterPush<S> + 'static) -> Self {
        let publisher: Arc<dyn AfterPush<S>> = Arc::new(publisher);
        Self(Some(self.0.iter().flat_map(|before| before.iter().cloned()).chain([publisher]).collect()))
    }

    /// Rejects a push whose event would be published twice on a channel: by the store and by a relay.
    pub(super) fn check(&self) -> Result<(), TwoPublishersError> {
        self.0.iter().flat_map(|publishers| publishers.iter()).try_for_each(|publisher| publisher.check())
    }

    /// Returns whether a push continues after the event is stored, with a hook or with publishing. Otherwise, the push
    /// can omit the future for these steps, so that the future of the push is smaller. Most stores have neither a hook
    /// nor a channel.
    pub(super) fn follow(&self, settings: &Settings<S>) -> bool {
        self.0.is_some() || settings.on_event_pushed().is_some()
    }

    /// Calls the hook of the original store, and then, for each connection, publishes the event or wakes the relays of
    /// the channel. If publishing on one channel fails, the event is still published on the other channels. If the hook
    /// fails, the push does not publish the event on any channel, as in the original TypeScript library.
    ///
    /// If an event of a group was not published on a channel that keeps the order, later events of the same aggregate
    /// in the group are held back on that channel.
    pub(super) async fn run(
        &self,
        pushed: &PushedEvent<S>,
        forced: bool,
        event_store: &EventStore<S>,
        settings: &Settings<S>,
        held_back: &mut HeldBack,
    ) -> Vec<AfterPushFailure> {
        let publishers = || self.0.iter().flat_map(|publishers| publishers.iter());
        let aggregate_id = pushed.event.aggregate_id.to_string();
        if let Some(hook) = settings.on_event_pushed() {
            let ran = catch_panic(async { hook(pushed.clone()).await }).await;
            if let Err(error) = ran.unwrap_or_else(|panic| Err(HandlerError::panicked(panic))) {
                for publisher in publishers().filter(|publisher| publisher.keeps_order()) {
                    held_back.add(publisher.message_channel_id(), S::EVENT_STORE_ID, &aggregate_id);
                }
                return vec![failure(pushed, AfterPushStep::OnEventPushed(error.into_source()))];
            }
        }
        let mut failures = Vec::new();
        for publisher in publishers() {
            let message_channel_id = publisher.message_channel_id();
            let published = if held_back.contains(message_channel_id, S::EVENT_STORE_ID, &aggregate_id) {
                Err(held_back_error())
            } else {
                publisher.publish(pushed, forced, event_store).await
            };
            if let Err(error) = published {
                if publisher.keeps_order() {
                    held_back.add(message_channel_id, S::EVENT_STORE_ID, &aggregate_id);
                }
                failures.push(failure(pushed, AfterPushStep::Publish { message_channel_id, error }));
            }
        }
        failures
    }
}

/// Returns the error for an event that is held back. As in `publish_messages`, the reason is [`HeldBackError`].
fn held_back_error() -> PublishError {
    let rejected = RejectedMessage::new(0, false, HeldBackError);
    PublishError::Rejected { total: 1, rejected: vec![rejected] }
}

fn failure<S: EventSourced>(pushed: &PushedEvent<S>, step: AfterPushStep) -> AfterPushFailure {
    AfterPushFailure {
        event_store_id: S::EVENT_STORE_ID,
        aggregate_id: pushed.event.aggregate_id.to_string(),
        version: pushed.event.version,
        step,
    }
}

/// Logs all failures. The error of the push also contains all of them, but its text shows only the first failure.
pub(super) fn warn_of(failures: &[AfterPushFailure]) {
    for failure in failures {
        let message_channel = match &failure.step {
            AfterPushStep::Publish { message_channel_id, .. } => Some(*message_channel_id),
            AfterPushStep::OnEventPushed(_) => None,
        };
        tracing::warn!(
            event_store = failure.event_store_id,
            aggregate_id = failure.aggregate_id,
            version = failure.version,
            channel = message_channel,
            error = error_chain(&failure.step),
            "an event was stored, but not published"
        );
    }
}
