use castore_core::channel::{Carries, CarriesEventTypes, MessageChannel};
use castore_core::consumer::{AnyStore, ChannelFilter, EventSubset, Filter, SubsetFilter};
use castore_core::event_sourced::EventSourced;

/// A type argument of [`EventBridgeMessageBusMessage`](crate::EventBridgeMessageBusMessage) that stands for all event
/// stores of a bus.
#[derive(Debug)]
pub enum AllSources {}

/// A type argument of [`EventBridgeMessageBusMessage`](crate::EventBridgeMessageBusMessage) that stands for all events
/// of an event store.
#[derive(Debug)]
pub enum AllEvents {}

/// A selection of the messages of bus `B`: all messages of an event store, or only the messages about the events `E`.
///
/// Implemented automatically for [`AllSources`] and for each source of the bus.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{E}` do not select messages of message bus `{B}`",
    label = "not messages of `{B}`",
    note = "write a source of `{B}` or `AllSources`; a source may be followed by an enum with `#[derive(EventSubset)]` of its events"
)]
pub trait Narrows<B: MessageChannel, E = AllEvents>: 'static {
    /// The filter that passes the selected messages.
    #[doc(hidden)]
    type Filter: ChannelFilter<B>;

    #[doc(hidden)]
    fn filter() -> Self::Filter;
}

impl<B: MessageChannel> Narrows<B, AllEvents> for AllSources {
    type Filter = Filter<AnyStore>;

    fn filter() -> Self::Filter {
        Filter::all().on_replay(true)
    }
}

impl<B: Carries<S>, S: EventSourced> Narrows<B, AllEvents> for S {
    type Filter = Filter<S>;

    fn filter() -> Self::Filter {
        Filter::store::<S>().on_replay(true)
    }
}

impl<B, S, E> Narrows<B, E> for S
where
    B: Carries<S> + CarriesEventTypes,
    S: EventSourced,
    E: EventSubset<Of = S::Event>,
{
    type Filter = SubsetFilter<S, E>;

    fn filter() -> Self::Filter {
        Filter::store::<S>().events::<E>().on_replay(true)
    }
}
