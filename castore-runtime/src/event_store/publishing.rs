//! Types that state how the events of a store are published.

use std::fmt;
use std::marker::PhantomData;

use castore_core::event_sourced::EventSourced;

use super::Store;

/// The way in which the pushed events of a store are published. The way of publishing is part of the store's type.
pub trait Publishing: Send + Sync + 'static {
    /// The way of publishing of the store that [`connect_via_relay`](Store::connect_via_relay) returns.
    type AndByRelay: Publishing;
}

/// No publishing, because the store is not connected.
#[derive(Debug)]
pub enum Unpublished {}

/// Publishing by a relay, which reads the committed events from the event log.
#[derive(Debug)]
pub enum ByRelay {}

/// Publishing by the push itself, as soon as the events are stored. `C` is the last channel that was connected with
/// [`connect`](Store::connect).
pub struct ByPush<C>(PhantomData<fn() -> C>);

/// Publishing that is decided at run time, as for [`AnyEventStore`](super::AnyEventStore): the push may or may not
/// publish the events.
#[derive(Debug)]
pub enum DecidedAtRunTime {}

impl<C> fmt::Debug for ByPush<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ByPush")
    }
}

impl Publishing for Unpublished {
    type AndByRelay = ByRelay;
}

impl Publishing for ByRelay {
    type AndByRelay = ByRelay;
}

impl<C: 'static> Publishing for ByPush<C> {
    type AndByRelay = Self;
}

impl Publishing for DecidedAtRunTime {
    type AndByRelay = Self;
}

/// A way of publishing that allows pushes in a transaction of the caller: events are not published before the commit.
#[diagnostic::on_unimplemented(
    message = "an event of a store that publishes `{Self}` cannot be pushed in a transaction",
    label = "the event would be published before the commit, and stay published after a rollback",
    note = "connect the store with `connect_via_relay` instead of `connect`: the relay publishes committed events only",
    note = "or push after the commit, without a transaction",
    note = "in a generic function, take `&impl TransactionalStore<…>` instead of `&impl Store<…>`: it accepts every store whose events can be pushed in a transaction"
)]
pub trait AfterCommit: Publishing {}

impl AfterCommit for Unpublished {}
impl AfterCommit for ByRelay {}

// The way of publishing of a group is a tuple, because its events may be published in different ways.
macro_rules! tuples {
    ($($($publishing:ident)+;)+) => {$(
        impl<$($publishing: Publishing),+> Publishing for ($($publishing,)+) {
            type AndByRelay = Self;
        }

        #[diagnostic::do_not_recommend]
        impl<$($publishing: AfterCommit),+> AfterCommit for ($($publishing,)+) {}
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}

/// An event store whose events can be pushed in a transaction of the caller: a store that is not connected, or that is
/// connected with [`connect_via_relay`](Store::connect_via_relay) only.
///
/// A function that accepts any such store of `Pokemon` takes a `&impl TransactionalStore<Pokemon>`. The methods are
/// those of [`Store`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store of `{S}` that can push in a transaction",
    label = "publishes its events when they are pushed, or is not a store of `{S}`",
    note = "pass an `EventStore<{S}>`, or one that is connected with `connect_via_relay` instead of `connect`"
)]
pub trait TransactionalStore<S: EventSourced>: Store<S, Publishing: AfterCommit> {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced, T: Store<S, Publishing: AfterCommit>> TransactionalStore<S> for T {}
