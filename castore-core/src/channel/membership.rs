//! The relations between stores, messages, filters and channels. In the user's code, type inference determines one of
//! the two types of such a relation first. That type is the parameter of the trait, and the other type is `Self`. If
//! the two types were swapped, inference would pick the only candidate for a channel with a single source. The compiler
//! would then report mismatched types instead of the custom message of the trait.

use std::sync::Arc;

use super::{Bus, MessageChannel, PerAggregate, Queue};
use crate::event::EventDetail;
use crate::event_sourced::EventSourced;
use crate::event_store::{AggregateSource, EventStoreError};
use crate::future::BoxFuture;
use crate::message::{
    AggregateExists, AggregateExistsMessage, EventCarrying, MessageKind, Notification, NotificationMessage,
    StateCarrying, StateCarryingMessage,
};

/// A channel that carries the messages of event store `S`. `message_channel!` implements this trait for each source of
/// a channel.
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` does not carry messages of event store `{S}`",
    label = "`{Self}` does not carry `{S}`",
    note = "add `{S}` to the sources of `{Self}` in `message_channel!`, or use a channel that carries it"
)]
pub trait Carries<S: EventSourced>:
    MessageChannel<Message: From<<<Self as MessageChannel>::Kind as MessageKind>::Of<S>>> + ConnectsTo<S, Channel = Self>
{
}

/// A value to which event store `S` can be connected: a message channel that carries the messages of `S`.
/// `message_channel!` implements this trait for each source of a channel.
///
/// Channels are passed by value. The impls for references and `Arc` never apply: they exist only for the compile errors
/// of their bounds.
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` does not carry messages of event store `{S}`",
    label = "`{Self}` does not carry `{S}`",
    note = "add `{S}` to the sources of `{Self}` in `message_channel!`, or use a channel that carries it"
)]
pub trait ConnectsTo<S: EventSourced> {
    /// The channel.
    type Channel: Carries<S>;

    /// Returns the channel.
    #[doc(hidden)]
    fn __channel(self) -> Self::Channel;
}

impl<S: EventSourced, C: Carries<S> + PassedAsReference> ConnectsTo<S> for &C {
    type Channel = C;

    fn __channel(self) -> C {
        self.clone()
    }
}

impl<S: EventSourced, C: Carries<S> + PassedInArc> ConnectsTo<S> for Arc<C> {
    type Channel = C;

    fn __channel(self) -> C {
        C::clone(&self)
    }
}

/// A bound that no type satisfies. Its purpose is the compile error for a channel that is passed by reference.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` is passed by reference, but must be passed by value",
    label = "pass the channel itself",
    note = "pass a clone, with `.clone()`: clones are cheap, and all of them are the same channel"
)]
pub trait PassedAsReference {}

/// A bound that no type satisfies. Its purpose is the compile error for a channel that is passed in an `Arc`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` is passed in an `Arc`, but must be passed by value",
    label = "pass the channel itself",
    note = "remove the `Arc`: clones of a channel are cheap, and all of them are the same channel"
)]
pub trait PassedInArc {}

/// The message kind of channel `C`. Only `K`, the kind of the channel's messages, implements this trait.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "message channel `{C}` carries `{K}` messages, not `{Self}` messages",
    label = "a `{Self}` message",
    note = "publish a `{K}` message, or declare `{C}` as a channel of `{Self}` messages"
)]
pub trait CarriedKind<C: MessageChannel, K: MessageKind>: MessageKind {
    fn as_carried<S: EventSourced>(message: Self::Of<S>) -> K::Of<S>;
}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Kind = K>, K: MessageKind> CarriedKind<C, K> for K {
    fn as_carried<S: EventSourced>(message: K::Of<S>) -> K::Of<S> {
        message
    }
}

/// A channel whose messages contain events, so that event stores can be connected to it.
#[diagnostic::on_unimplemented(
    message = "events cannot be published on message channel `{Self}`: its messages carry no event",
    label = "`{Self}` is an aggregate-exists channel",
    note = "use a notification or a state-carrying channel; to publish an aggregate-exists message, call `publish_message`"
)]
pub trait CarriesEvents: MessageChannel<Kind: EventCarrying> {}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Kind: EventCarrying>> CarriesEvents for C {}

/// A channel whose messages contain events, so that listeners can filter by event type.
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` cannot filter by event type: its messages carry no event",
    label = "an aggregate-exists channel",
    note = "filter by event store alone, or declare `{Self}` as a notification or a state-carrying channel"
)]
pub trait CarriesEventTypes: MessageChannel {
    /// Returns the event of a message.
    #[doc(hidden)]
    fn __event<S: EventSourced>(message: &<Self::Kind as MessageKind>::Of<S>) -> &EventDetail<S>;
}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Kind: EventCarrying>> CarriesEventTypes for C {
    fn __event<S: EventSourced>(message: &<C::Kind as MessageKind>::Of<S>) -> &EventDetail<S> {
        C::Kind::event_of(message)
    }
}

/// A channel that guarantees the order of the messages of each aggregate.
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` does not promise the order of the messages of an aggregate",
    label = "`{Self}` is unordered",
    note = "declare `{Self}` with `#[channel(order = \"per_aggregate\")]`, or remove `in_order`"
)]
pub trait Ordered: MessageChannel {}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Order = PerAggregate>> Ordered for C {}

/// A message queue.
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` is a message bus, not a message queue",
    label = "a message queue is needed here",
    note = "use an adapter or a consumer for message buses, such as `InMemoryMessageBusAdapter`, or declare `{Self}` as a message queue (for SQS behind a bus there is `SqsWorker::builder_behind_bus`)"
)]
pub trait MessageQueue: MessageChannel<Topology = Queue> {}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Topology = Queue>> MessageQueue for C {}

/// A message bus.
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` is a message queue, not a message bus",
    label = "a message bus is needed here",
    note = "use an adapter or a consumer for message queues, such as `InMemoryMessageQueueAdapter`, or declare `{Self}` as a message bus"
)]
pub trait MessageBus: MessageChannel<Topology = Bus> {}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Topology = Bus>> MessageBus for C {}

/// The message kind of channels that can load aggregates. Only the state-carrying kind implements this trait.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "message channel `{C}` carries `{Self}` messages; only state-carrying channels load aggregates and publish them",
    label = "`{C}` is not state-carrying",
    note = "use `publish_message`, or declare `{C}` as a `StateCarryingMessageQueue` or a `StateCarryingMessageBus`"
)]
pub trait LoadsState<C: MessageChannel>: MessageKind {
    /// The type of the channel. All further bounds are on this type. Other message kinds do not have this associated
    /// type, so the compiler checks no further bounds for them and reports a single error.
    type Channel: MessageChannel<Message = C::Message, Kind = StateCarrying>;
    fn channel(channel: &C) -> &Self::Channel;
}

impl<C: MessageChannel<Kind = Self>> LoadsState<C> for StateCarrying {
    type Channel = C;

    fn channel(channel: &C) -> &C {
        channel
    }
}

/// A state-carrying channel that can load aggregates of `S` from an event store. `message_channel!` implements this
/// trait for each source of a channel.
#[diagnostic::on_unimplemented(
    message = "message channel `{Self}` does not carry messages of event store `{S}`",
    label = "`{Self}` does not carry `{S}`",
    note = "add `{S}` to the sources of `{Self}` in `message_channel!`, or use a channel that carries it"
)]
pub trait LoadsAggregates<S: EventSourced>: Carries<S> {
    /// Returns the event store from which aggregates of `S` are loaded.
    #[doc(hidden)]
    fn __aggregates(&self) -> &dyn AggregateSource<S>;
}

/// A message that can be published on channel `C`: a message of the channel's kind from one of the channel's sources,
/// or the channel's own message enum.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published on message channel `{C}`",
    label = "not a message of `{C}`",
    note = "pass a message of one of the sources of `{C}`, such as `NotificationMessage {{ event }}` on a notification channel, or the message enum of `{C}`",
    note = "to publish an event with its aggregate on a state-carrying channel, call `get_aggregate_and_publish_message`"
)]
pub trait IntoChannelMessage<C: MessageChannel> {
    /// Converts the message into the message enum of the channel.
    fn into_channel_message(self) -> C::Message;
}

impl<S: EventSourced, C: Carries<S>> IntoChannelMessage<C> for AggregateExistsMessage<S>
where
    AggregateExists: CarriedKind<C, C::Kind>,
{
    fn into_channel_message(self) -> C::Message {
        AggregateExists::as_carried(self).into()
    }
}

impl<S: EventSourced, C: Carries<S>> IntoChannelMessage<C> for NotificationMessage<S>
where
    Notification: CarriedKind<C, C::Kind>,
{
    fn into_channel_message(self) -> C::Message {
        Notification::as_carried(self).into()
    }
}

impl<S: EventSourced, C: Carries<S>> IntoChannelMessage<C> for StateCarryingMessage<S>
where
    StateCarrying: CarriedKind<C, C::Kind>,
{
    fn into_channel_message(self) -> C::Message {
        StateCarrying::as_carried(self).into()
    }
}

/// An event for which channel `C` can load and publish the aggregate: an `EventDetail`, or a `NotificationMessage` that
/// contains one.
#[diagnostic::on_unimplemented(
    message = "message channel `{C}` cannot load the aggregate of `{Self}` and publish it",
    label = "not an event of a source of `{C}`",
    note = "pass an `EventDetail`, or a `NotificationMessage` that contains one"
)]
pub trait AggregateEvent<C: MessageChannel> {
    /// Loads the aggregate at the version of the event, and returns a message of the channel that contains the event
    /// and the aggregate.
    #[doc(hidden)]
    fn __load(self, channel: &C) -> BoxFuture<'static, Result<C::Message, EventStoreError>>;
}

impl<S: EventSourced, C: MessageChannel<Kind: LoadsState<C, Channel: LoadsAggregates<S>>>> AggregateEvent<C>
    for EventDetail<S>
{
    fn __load(self, channel: &C) -> BoxFuture<'static, Result<C::Message, EventStoreError>> {
        let aggregates = <C::Kind as LoadsState<C>>::channel(channel).__aggregates();
        let aggregate = aggregates.load_aggregate(&self.aggregate_id, self.version);
        Box::pin(async move { Ok(StateCarryingMessage { event: self, aggregate: aggregate.await? }.into()) })
    }
}

impl<S: EventSourced, C: MessageChannel> AggregateEvent<C> for NotificationMessage<S>
where
    EventDetail<S>: AggregateEvent<C>,
{
    fn __load(self, channel: &C) -> BoxFuture<'static, Result<C::Message, EventStoreError>> {
        self.event.__load(channel)
    }
}

/// Several messages that can be published on channel `C` in one call: a `Vec` or array of messages of one type, or a
/// tuple of up to twelve messages, which may be of different event stores.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of messages of message channel `{C}`",
    label = "not a list of messages of `{C}`",
    note = "pass a `Vec`, an array, or a tuple of messages; to publish one message, call `publish_message`"
)]
pub trait IntoChannelMessages<C: MessageChannel> {
    /// Converts the messages into the message enum of the channel, in order.
    fn into_channel_messages(self) -> Vec<C::Message>;
}

impl<C: MessageChannel, M: IntoChannelMessage<C>> IntoChannelMessages<C> for Vec<M> {
    fn into_channel_messages(self) -> Vec<C::Message> {
        self.into_iter().map(M::into_channel_message).collect()
    }
}

impl<C: MessageChannel, M: IntoChannelMessage<C>, const N: usize> IntoChannelMessages<C> for [M; N] {
    fn into_channel_messages(self) -> Vec<C::Message> {
        self.into_iter().map(M::into_channel_message).collect()
    }
}

macro_rules! tuples {
    ($($($message:ident)+;)+) => {$(
        impl<C: MessageChannel, $($message: IntoChannelMessage<C>),+> IntoChannelMessages<C> for ($($message,)+) {
            fn into_channel_messages(self) -> Vec<C::Message> {
                #[allow(non_snake_case)]
                let ($($message,)+) = self;
                vec![$($message.into_channel_message()),+]
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B D;
    A B D E;
    A B D E F;
    A B D E F G;
    A B D E F G H;
    A B D E F G H I;
    A B D E F G H I J;
    A B D E F G H I J K;
    A B D E F G H I J K L;
    A B D E F G H I J K L M;
}
