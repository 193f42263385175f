use super::{AggregateExistsMessage, Message, NotificationMessage, StateCarryingMessage};
use crate::aggregate::Aggregate;
use crate::event::EventDetail;
use crate::event_sourced::EventSourced;
use crate::event_store::{AggregateSource, EventStoreError};
use crate::future::BoxFuture;

/// The kind of a channel's messages: [`AggregateExists`], [`Notification`] or [`StateCarrying`].
pub trait MessageKind: 'static {
    /// The name of the kind: `aggregate-exists`, `notification` or `state-carrying`.
    const NAME: &'static str;

    /// The type of the messages of this kind for event store `S`.
    type Of<S: EventSourced>: Message<Store = S, Kind = Self>;
}

/// The kind of [`AggregateExistsMessage`]s, which contain the id of an aggregate and no event.
#[derive(Debug)]
pub enum AggregateExists {}

/// The kind of [`NotificationMessage`]s, which contain an event.
#[derive(Debug)]
pub enum Notification {}

/// The kind of [`StateCarryingMessage`]s, which contain an event and the aggregate after it.
#[derive(Debug)]
pub enum StateCarrying {}

impl MessageKind for AggregateExists {
    const NAME: &'static str = "aggregate-exists";

    type Of<S: EventSourced> = AggregateExistsMessage<S>;
}

impl MessageKind for Notification {
    const NAME: &'static str = "notification";

    type Of<S: EventSourced> = NotificationMessage<S>;
}

impl MessageKind for StateCarrying {
    const NAME: &'static str = "state-carrying";

    type Of<S: EventSourced> = StateCarryingMessage<S>;
}

/// A kind whose messages contain an event, so that connected event stores can publish them.
pub trait EventCarrying: MessageKind {
    /// Whether the messages also contain the aggregate. If not, relays publish stored events without decoding them.
    #[doc(hidden)]
    const CARRIES_STATE: bool;

    /// Returns the event in a message.
    #[doc(hidden)]
    fn event_of<S: EventSourced>(message: &Self::Of<S>) -> &EventDetail<S>;

    /// Returns the message about an event. `aggregate` is the aggregate at the version of the event, and is discarded
    /// if messages of this kind contain no aggregate.
    #[doc(hidden)]
    fn message_with<S: EventSourced>(event: EventDetail<S>, aggregate: Aggregate<S>) -> Self::Of<S>;

    /// Returns the message about an event that was just pushed. `next_aggregate` is the aggregate at the version of the
    /// event, if the caller knows it. Otherwise, the aggregate is loaded from `aggregates` if messages of this kind
    /// contain an aggregate.
    #[doc(hidden)]
    fn message_about<S: EventSourced>(
        event: EventDetail<S>,
        next_aggregate: Option<&Aggregate<S>>,
        aggregates: &dyn AggregateSource<S>,
    ) -> BoxFuture<'static, Result<Self::Of<S>, EventStoreError>>;
}

impl EventCarrying for Notification {
    const CARRIES_STATE: bool = false;

    fn event_of<S: EventSourced>(message: &NotificationMessage<S>) -> &EventDetail<S> {
        &message.event
    }

    fn message_with<S: EventSourced>(event: EventDetail<S>, _: Aggregate<S>) -> NotificationMessage<S> {
        NotificationMessage { event }
    }

    fn message_about<S: EventSourced>(
        event: EventDetail<S>,
        _: Option<&Aggregate<S>>,
        _: &dyn AggregateSource<S>,
    ) -> BoxFuture<'static, Result<NotificationMessage<S>, EventStoreError>> {
        Box::pin(std::future::ready(Ok(NotificationMessage { event })))
    }
}

impl EventCarrying for StateCarrying {
    const CARRIES_STATE: bool = true;

    fn event_of<S: EventSourced>(message: &StateCarryingMessage<S>) -> &EventDetail<S> {
        &message.event
    }

    fn message_with<S: EventSourced>(event: EventDetail<S>, aggregate: Aggregate<S>) -> StateCarryingMessage<S> {
        StateCarryingMessage { event, aggregate }
    }

    fn message_about<S: EventSourced>(
        event: EventDetail<S>,
        next_aggregate: Option<&Aggregate<S>>,
        aggregates: &dyn AggregateSource<S>,
    ) -> BoxFuture<'static, Result<StateCarryingMessage<S>, EventStoreError>> {
        match next_aggregate.cloned() {
            Some(aggregate) => Box::pin(std::future::ready(Ok(StateCarryingMessage { event, aggregate }))),
            None => {
                let aggregate = aggregates.load_aggregate(&event.aggregate_id, event.version);
                Box::pin(async move { Ok(StateCarryingMessage { event, aggregate: aggregate.await? }) })
            }
        }
    }
}
