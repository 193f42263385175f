//! The channels that accept replayed events or aggregate ids, and the publisher for these channels.

use std::sync::Arc;

use castore_core::aggregate::Aggregate;
use castore_core::channel::{
    Carries, MessageChannel, PublishError, PublishMessageOptions, Topology, UndefinedMessageChannelAdapterError,
};
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::message::{AggregateExists, EventCarrying, StoredMessage};
use castore_core::storage::RawEvent;
use castore_runtime::event_store::EventStore;

/// A channel into which stored events can be poured (published again), because its messages contain events.
#[diagnostic::on_unimplemented(
    message = "events cannot be poured into message channel `{Self}`: its messages carry no event",
    label = "an aggregate-exists channel",
    note = "pour into a notification or a state-carrying channel, or pour aggregate ids with `pour_event_store_aggregate_ids`"
)]
pub trait TakesEvents: MessageChannel<Kind: EventCarrying> {}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Kind: EventCarrying>> TakesEvents for C {}

/// A channel into which aggregate ids can be poured (published again): an aggregate-exists channel.
#[diagnostic::on_unimplemented(
    message = "aggregate ids cannot be poured into message channel `{Self}`: its messages carry events",
    label = "not an aggregate-exists channel",
    note = "pour into an aggregate-exists channel, or pour events with `pour_event_store_events`"
)]
pub trait TakesAggregateIds: MessageChannel<Kind = AggregateExists> {}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Kind = AggregateExists>> TakesAggregateIds for C {}

/// An event to publish, in its decoded form and in its stored form.
pub(crate) struct PouredEvent<S: EventSourced> {
    pub(crate) event: EventDetail<S>,
    /// The stored form of the event. It may have fields that the event type does not declare.
    pub(crate) stored: RawEvent,
    /// The aggregate at the version of the event, if it is known.
    pub(crate) aggregate: Option<Aggregate<S>>,
}

type Publish<S> = dyn Fn(PouredEvent<S>) -> BoxFuture<'static, Result<(), PublishError>> + Send + Sync;

/// A publisher for the events of a store on a channel. The type of the channel is erased, so that the types of requests
/// do not depend on the channel.
pub(crate) struct EventPublisher<S: EventSourced> {
    publish: Arc<Publish<S>>,
    /// Whether the messages contain the aggregate at the event's version.
    pub(crate) carries_state: bool,
}

impl<S: EventSourced> EventPublisher<S> {
    pub(crate) fn new<C: Carries<S> + TakesEvents>(event_store: EventStore<S>, channel: C) -> Self {
        let event_store_id: Arc<str> = S::EVENT_STORE_ID.into();
        let publish = move |poured: PouredEvent<S>| -> BoxFuture<'static, Result<(), PublishError>> {
            let (event_store, channel) = (event_store.clone(), channel.clone());
            let event_store_id = event_store_id.clone();
            Box::pin(async move {
                let PouredEvent { event, stored, aggregate } = poured;
                let message = if <C::Kind as EventCarrying>::CARRIES_STATE {
                    let message =
                        <C::Kind as EventCarrying>::message_about(event, aggregate.as_ref(), &event_store).await?;
                    StoredMessage::decoded(C::Message::from(message), stored)
                } else {
                    StoredMessage::notification(event_store_id, stored)
                };
                publish_stored(&channel, message).await
            })
        };
        Self { publish: Arc::new(publish), carries_state: <C::Kind as EventCarrying>::CARRIES_STATE }
    }

    /// Publishes an event when awaited. If `poured` has no aggregate and the channel is state-carrying, loads the
    /// aggregate.
    pub(crate) fn publish(&self, poured: PouredEvent<S>) -> BoxFuture<'static, Result<(), PublishError>> {
        (self.publish)(poured)
    }
}

/// Publishes an event in its stored form, like a relay.
async fn publish_stored<C: MessageChannel>(
    channel: &C,
    message: StoredMessage<C::Message>,
) -> Result<(), PublishError> {
    let undefined =
        UndefinedMessageChannelAdapterError { message_channel_id: C::ID, topology: <C::Topology as Topology>::NAME };
    let adapter = channel.adapter().ok_or(undefined)?;
    let options = PublishMessageOptions::default().replay(true);
    adapter.publish_stored_messages(vec![message], options).await
}
