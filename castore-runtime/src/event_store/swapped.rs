//! The compile error for an event store that is passed as a message channel.

use castore_core::channel::{Carries, ConnectsTo};
use castore_core::event_sourced::EventSourced;

use super::{ConnectedEventStore, EventStore};

/// A bound that no type satisfies. If an event store is passed as a message channel, the compiler reports the error
/// text of this trait.
///
/// The bound is on the domain type of the event store, and not on the event store itself. For a bound on the event
/// store, the compiler would prefer the text of [`ConnectsTo`].
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "expected a message channel, found an event store of `{Self}`",
    label = "not a message channel",
    note = "pass the event store first and the message channel second, as in `ConnectedEventStore::new(event_store, message_channel)`"
)]
pub trait PassedAsChannel {
    type Channel;

    fn channel<T>(store: T) -> Self::Channel;
}

impl<S: EventSourced, T: EventSourced> ConnectsTo<S> for EventStore<T>
where
    T: PassedAsChannel<Channel: Carries<S>>,
{
    type Channel = T::Channel;

    fn __channel(self) -> Self::Channel {
        T::channel(self)
    }
}

impl<S: EventSourced, T: EventSourced, C, P, A> ConnectsTo<S> for ConnectedEventStore<T, C, P, A>
where
    T: PassedAsChannel<Channel: Carries<S>>,
{
    type Channel = T::Channel;

    fn __channel(self) -> Self::Channel {
        T::channel(self)
    }
}
