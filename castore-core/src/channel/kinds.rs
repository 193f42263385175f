//! The six kinds of message channels, as types for use in `message_channel!` and `#[channel]`.

use std::marker::PhantomData;

use super::{Bus, Queue};
use crate::message::{AggregateExists, Notification, StateCarrying};

/// The event stores of a channel kind, as type parameters. A channel declaration may list more than twelve event stores,
/// because the macro reads the list and does not use these parameters. Other code can name at most twelve.
type Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> =
    PhantomData<(S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12)>;

/// A kind of message channel, with messages of kind `M` and topology `T`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has the name of a channel kind, but it is not the channel kind of castore",
    label = "not from `castore::channel`",
    note = "import the kind from `castore::channel`, or write its full path"
)]
pub trait ChannelKind<M, T> {}

/// Compiles only if `K` is the channel kind with messages of kind `M` and topology `T`. `message_channel!` recognizes a
/// kind by its name. Generated code calls this function to check that the name refers to a type of this module.
#[doc(hidden)]
pub const fn assert_channel_kind<K: ChannelKind<M, T>, M, T>() {}

/// A bound that no type satisfies. If code uses a channel kind as a message channel, the compiler reports the error
/// text of this trait.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a kind of message channel, not a message channel",
    label = "an alias without `#[channel]`",
    note = "put `#[channel]` on the alias, or declare it in `message_channel!`"
)]
pub trait DeclaredChannel {
    /// The channel. No type implements the trait, so this type is unknown, and the compiler reports no further errors
    /// about it.
    type Channel;

    fn create() -> Self::Channel;
}

/// Declares a channel kind. The arguments are the first sentence of the documentation, the name of the kind, the kind
/// of messages, the topology, and the name of the channel in the example.
macro_rules! kind {
    ($first:literal, $name:ident, $messages:ident, $topology:ident, $example:ident) => {
        kind!($first, $name, $messages, $topology, $example, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12);
    };
    ($first:literal, $name:ident, $messages:ident, $topology:ident, $example:ident, $($source:ident),*) => {
        #[doc = $first]
        ///
        /// Use this type in the declaration of a channel, with any number of event stores whose messages the channel
        /// carries. The declaration turns the alias into a separate type:
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
    "An aggregate-exists message queue: each message contains the id of an existing aggregate, and is handled by \
     one worker.",
    AggregateExistsMessageQueue,
    AggregateExists,
    Queue,
    MyQueue
);

kind!(
    "An aggregate-exists message bus: each message contains the id of an existing aggregate, and is delivered to \
     every listener.",
    AggregateExistsMessageBus,
    AggregateExists,
    Bus,
    MyBus
);

kind!(
    "A notification message queue: each message contains an event, and is handled by one worker.",
    NotificationMessageQueue,
    Notification,
    Queue,
    MyQueue
);

kind!(
    "A notification message bus: each message contains an event, and is delivered to every listener.",
    NotificationMessageBus,
    Notification,
    Bus,
    MyBus
);

kind!(
    "A state-carrying message queue: each message contains an event and the aggregate after it, and is handled by \
     one worker.",
    StateCarryingMessageQueue,
    StateCarrying,
    Queue,
    MyQueue
);

kind!(
    "A state-carrying message bus: each message contains an event and the aggregate after it, and is delivered to \
     every listener.",
    StateCarryingMessageBus,
    StateCarrying,
    Bus,
    MyBus
);
