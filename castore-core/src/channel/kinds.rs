//! The six kinds of message channel, as the types that `message_channel!` and `#[channel]` read.

use std::marker::PhantomData;

use super::{Bus, Queue};
use crate::message::{AggregateExists, Notification, StateCarrying};

/// The event stores of a kind. The declaration of a channel may list any number of them. Outside of a declaration, the
/// type of a kind has up to twelve.
type Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> =
    PhantomData<(S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12)>;

/// A kind of message channel whose messages are of the kind `M`, and whose topology is `T`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not castore's kind of message channel of this name",
    label = "not from `castore::channel`",
    note = "import the kind from `castore::channel`, or write its full path"
)]
pub trait ChannelKind<M, T> {}

/// Compiles only if the type `K` is the kind that `message_channel!` has recognized by its name.
#[doc(hidden)]
pub const fn assert_channel_kind<K: ChannelKind<M, T>, M, T>() {}

/// Implemented by no type: a kind is not a message channel.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a kind of message channel, not a message channel",
    label = "an alias without `#[channel]`",
    note = "put `#[channel]` on the alias, or declare it in `message_channel!`"
)]
pub trait DeclaredChannel {
    /// The channel. The type is unknown, so that the compiler reports nothing else about it.
    type Channel;

    fn create() -> Self::Channel;
}

/// Declares a kind: its first sentence, its name, the kind of messages, the topology, and the name of the channel in the
/// example.
macro_rules! kind {
    ($first:literal, $name:ident, $messages:ident, $topology:ident, $example:ident) => {
        kind!($first, $name, $messages, $topology, $example, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12);
    };
    ($first:literal, $name:ident, $messages:ident, $topology:ident, $example:ident, $($source:ident),*) => {
        #[doc = $first]
        ///
        /// Use it in the declaration of a channel, with any number of event stores that the channel carries. The
        /// declaration makes the alias a separate type:
        ///
        /// ```
        /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
        /// # mod example {
        /// # use super::{Pokemon, Trainer};
        /// use castore::channel;
        #[doc = concat!("use castore::channel::", stringify!($name), ";")]
        ///
        /// #[channel]
        #[doc = concat!("pub type ", stringify!($example), " = ", stringify!($name), "<Pokemon, Trainer>;")]
        /// # }
        /// # fn main() {}
        /// ```
        #[derive(Debug)]
        pub struct $name<$($source = ()),*>(Sources<$($source),*>);

        impl<$($source),*> ChannelKind<$messages, $topology> for $name<$($source),*> {}

        #[doc(hidden)]
        #[allow(clippy::new_ret_no_self)]
        impl<$($source),*> $name<$($source),*> {
            pub fn new() -> <Self as DeclaredChannel>::Channel
            where
                Self: DeclaredChannel,
            {
                <Self as DeclaredChannel>::create()
            }
        }
    };
}

kind!(
    "An aggregate-exists message queue: its messages contain the id of an aggregate that exists, and one \
     worker handles each.",
    AggregateExistsMessageQueue,
    AggregateExists,
    Queue,
    MyQueue
);

kind!(
    "An aggregate-exists message bus: its messages contain the id of an aggregate that exists, and every \
     listener receives them.",
    AggregateExistsMessageBus,
    AggregateExists,
    Bus,
    MyBus
);

kind!(
    "A notification message queue: its messages contain an event, and one worker handles each.",
    NotificationMessageQueue,
    Notification,
    Queue,
    MyQueue
);

kind!(
    "A notification message bus: its messages contain an event, and every listener receives them.",
    NotificationMessageBus,
    Notification,
    Bus,
    MyBus
);

kind!(
    "A state-carrying message queue: its messages contain an event and the aggregate after it, and one \
     worker handles each.",
    StateCarryingMessageQueue,
    StateCarrying,
    Queue,
    MyQueue
);

kind!(
    "A state-carrying message bus: its messages contain an event and the aggregate after it, and every \
     listener receives them.",
    StateCarryingMessageBus,
    StateCarrying,
    Bus,
    MyBus
);
