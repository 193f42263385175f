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

/// An aggregate-exists message queue: its messages contain the id of an aggregate that exists, and one worker handles
/// each.
///
/// Use it in the declaration of a channel, with any number of event stores that the channel carries. The declaration
/// makes the alias a separate type:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::channel;
/// use castore::channel::AggregateExistsMessageQueue;
///
/// #[channel]
/// pub type MyQueue = AggregateExistsMessageQueue<Pokemon, Trainer>;
/// # }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct AggregateExistsMessageQueue<
    S1 = (),
    S2 = (),
    S3 = (),
    S4 = (),
    S5 = (),
    S6 = (),
    S7 = (),
    S8 = (),
    S9 = (),
    S10 = (),
    S11 = (),
    S12 = (),
>(Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>);

impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> ChannelKind<AggregateExists, Queue>
    for AggregateExistsMessageQueue<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
}

#[doc(hidden)]
#[allow(clippy::new_ret_no_self)]
impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
    AggregateExistsMessageQueue<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
    pub fn new() -> <Self as DeclaredChannel>::Channel
    where
        Self: DeclaredChannel,
    {
        <Self as DeclaredChannel>::create()
    }
}

/// An aggregate-exists message bus: its messages contain the id of an aggregate that exists, and every listener
/// receives them.
///
/// Use it in the declaration of a channel, with any number of event stores that the channel carries. The declaration
/// makes the alias a separate type:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::channel;
/// use castore::channel::AggregateExistsMessageBus;
///
/// #[channel]
/// pub type MyBus = AggregateExistsMessageBus<Pokemon, Trainer>;
/// # }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct AggregateExistsMessageBus<
    S1 = (),
    S2 = (),
    S3 = (),
    S4 = (),
    S5 = (),
    S6 = (),
    S7 = (),
    S8 = (),
    S9 = (),
    S10 = (),
    S11 = (),
    S12 = (),
>(Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>);

impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> ChannelKind<AggregateExists, Bus>
    for AggregateExistsMessageBus<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
}

#[doc(hidden)]
#[allow(clippy::new_ret_no_self)]
impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
    AggregateExistsMessageBus<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
    pub fn new() -> <Self as DeclaredChannel>::Channel
    where
        Self: DeclaredChannel,
    {
        <Self as DeclaredChannel>::create()
    }
}

/// A notification message queue: its messages contain an event, and one worker handles each.
///
/// Use it in the declaration of a channel, with any number of event stores that the channel carries. The declaration
/// makes the alias a separate type:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::channel;
/// use castore::channel::NotificationMessageQueue;
///
/// #[channel]
/// pub type MyQueue = NotificationMessageQueue<Pokemon, Trainer>;
/// # }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct NotificationMessageQueue<
    S1 = (),
    S2 = (),
    S3 = (),
    S4 = (),
    S5 = (),
    S6 = (),
    S7 = (),
    S8 = (),
    S9 = (),
    S10 = (),
    S11 = (),
    S12 = (),
>(Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>);

impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> ChannelKind<Notification, Queue>
    for NotificationMessageQueue<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
}

#[doc(hidden)]
#[allow(clippy::new_ret_no_self)]
impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
    NotificationMessageQueue<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
    pub fn new() -> <Self as DeclaredChannel>::Channel
    where
        Self: DeclaredChannel,
    {
        <Self as DeclaredChannel>::create()
    }
}

/// A notification message bus: its messages contain an event, and every listener receives them.
///
/// Use it in the declaration of a channel, with any number of event stores that the channel carries. The declaration
/// makes the alias a separate type:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::channel;
/// use castore::channel::NotificationMessageBus;
///
/// #[channel]
/// pub type MyBus = NotificationMessageBus<Pokemon, Trainer>;
/// # }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct NotificationMessageBus<
    S1 = (),
    S2 = (),
    S3 = (),
    S4 = (),
    S5 = (),
    S6 = (),
    S7 = (),
    S8 = (),
    S9 = (),
    S10 = (),
    S11 = (),
    S12 = (),
>(Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>);

impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> ChannelKind<Notification, Bus>
    for NotificationMessageBus<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
}

#[doc(hidden)]
#[allow(clippy::new_ret_no_self)]
impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
    NotificationMessageBus<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
    pub fn new() -> <Self as DeclaredChannel>::Channel
    where
        Self: DeclaredChannel,
    {
        <Self as DeclaredChannel>::create()
    }
}

/// A state-carrying message queue: its messages contain an event and the aggregate after it, and one worker handles
/// each.
///
/// Use it in the declaration of a channel, with any number of event stores that the channel carries. The declaration
/// makes the alias a separate type:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::channel;
/// use castore::channel::StateCarryingMessageQueue;
///
/// #[channel]
/// pub type MyQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
/// # }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct StateCarryingMessageQueue<
    S1 = (),
    S2 = (),
    S3 = (),
    S4 = (),
    S5 = (),
    S6 = (),
    S7 = (),
    S8 = (),
    S9 = (),
    S10 = (),
    S11 = (),
    S12 = (),
>(Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>);

impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> ChannelKind<StateCarrying, Queue>
    for StateCarryingMessageQueue<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
}

#[doc(hidden)]
#[allow(clippy::new_ret_no_self)]
impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
    StateCarryingMessageQueue<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
    pub fn new<__Sources>(_: __Sources) -> <Self as DeclaredChannel>::Channel
    where
        Self: DeclaredChannel,
    {
        <Self as DeclaredChannel>::create()
    }
}

/// A state-carrying message bus: its messages contain an event and the aggregate after it, and every listener receives
/// them.
///
/// Use it in the declaration of a channel, with any number of event stores that the channel carries. The declaration
/// makes the alias a separate type:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # mod example {
/// # use super::{Pokemon, Trainer};
/// use castore::channel;
/// use castore::channel::StateCarryingMessageBus;
///
/// #[channel]
/// pub type MyBus = StateCarryingMessageBus<Pokemon, Trainer>;
/// # }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct StateCarryingMessageBus<
    S1 = (),
    S2 = (),
    S3 = (),
    S4 = (),
    S5 = (),
    S6 = (),
    S7 = (),
    S8 = (),
    S9 = (),
    S10 = (),
    S11 = (),
    S12 = (),
>(Sources<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>);

impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12> ChannelKind<StateCarrying, Bus>
    for StateCarryingMessageBus<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
}

#[doc(hidden)]
#[allow(clippy::new_ret_no_self)]
impl<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
    StateCarryingMessageBus<S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12>
{
    pub fn new<__Sources>(_: __Sources) -> <Self as DeclaredChannel>::Channel
    where
        Self: DeclaredChannel,
    {
        <Self as DeclaredChannel>::create()
    }
}
