use super::{AggregateExistsMessage, Message, NotificationMessage, StateCarryingMessage};
use crate::EventSourced;
use crate::event_store::{EventStoreError, PushedEvent};
use crate::future::BoxFuture;
use crate::{Aggregate, EventDetail, EventStore, Store};

/// What the messages of a channel carry: [`AggregateExists`], [`Notification`] or [`StateCarrying`].
pub trait MessageKind: 'static {
    /// The messages of an event store.
    type Of<S: EventSourced>: Message<Store = S, Kind = Self>;
}

/// Messages that say that an aggregate exists: [`AggregateExistsMessage`].
#[derive(Debug)]
pub enum AggregateExists {}

/// Messages that say what happened: [`NotificationMessage`].
#[derive(Debug)]
pub enum Notification {}

/// Messages that say what happened and how the aggregate is after it: [`StateCarryingMessage`].
#[derive(Debug)]
pub enum StateCarrying {}

impl MessageKind for AggregateExists {
    type Of<S: EventSourced> = AggregateExistsMessage<S>;
}

impl MessageKind for Notification {
    type Of<S: EventSourced> = NotificationMessage<S>;
}

impl MessageKind for StateCarrying {
    type Of<S: EventSourced> = StateCarryingMessage<S>;
}

/// The kinds whose messages carry an event, and that a connected event store can therefore publish.
pub trait EventCarrying: MessageKind {
    /// Whether the messages carry the aggregate too. If not, relays publish stored events without decoding them.
    #[doc(hidden)]
    const CARRIES_STATE: bool;

    /// The event in a message.
    #[doc(hidden)]
    fn event_of<S: EventSourced>(message: &Self::Of<S>) -> &EventDetail<S>;

    /// The message about an event, from the aggregate at its version.
    #[doc(hidden)]
    fn message_with<S: EventSourced>(event: EventDetail<S>, aggregate: Aggregate<S>) -> Self::Of<S>;

    /// The message about an event that was just pushed.
    #[doc(hidden)]
    fn message_about<'a, S: EventSourced>(
        pushed: &'a PushedEvent<S>,
        event_store: &'a EventStore<S>,
    ) -> BoxFuture<'a, Result<Self::Of<S>, EventStoreError>>;
}

impl EventCarrying for Notification {
    const CARRIES_STATE: bool = false;

    fn event_of<S: EventSourced>(message: &NotificationMessage<S>) -> &EventDetail<S> {
        &message.event
    }

    fn message_with<S: EventSourced>(event: EventDetail<S>, _: Aggregate<S>) -> NotificationMessage<S> {
        NotificationMessage { event }
    }

    fn message_about<'a, S: EventSourced>(
        pushed: &'a PushedEvent<S>,
        _: &'a EventStore<S>,
    ) -> BoxFuture<'a, Result<NotificationMessage<S>, EventStoreError>> {
        Box::pin(std::future::ready(Ok(NotificationMessage { event: pushed.event.clone() })))
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

    /// The aggregate that the push came to, if it is known; else it is read, up to the version of the event.
    fn message_about<'a, S: EventSourced>(
        pushed: &'a PushedEvent<S>,
        event_store: &'a EventStore<S>,
    ) -> BoxFuture<'a, Result<StateCarryingMessage<S>, EventStoreError>> {
        Box::pin(async move {
            let event = pushed.event.clone();
            let aggregate = match &pushed.next_aggregate {
                Some(aggregate) => aggregate.clone(),
                None => {
                    let read = event_store.get_existing_aggregate(&event.aggregate_id).max_version(event.version);
                    read.without_events().await?
                }
            };
            Ok(StateCarryingMessage { event, aggregate })
        })
    }
}
