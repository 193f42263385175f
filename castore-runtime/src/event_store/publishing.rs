//! Types that state how the events of a store are published.

use std::fmt;
use std::marker::PhantomData;

use castore_core::event_sourced::EventSourced;

use super::Store;

/// A way of publishing the events that are pushed on a store. It is part of the type of the store.
pub trait Publishing: Send + Sync + 'static {
    /// The way of publishing after the store was also connected via a relay.
    type AndByRelay: Publishing;
}

/// The events are not published, because the store is not connected.
#[derive(Debug)]
pub enum Unpublished {}

/// A relay publishes the events from the event log, after they were committed.
#[derive(Debug)]
pub enum ByRelay {}

/// The push itself publishes the events on channel `C`, as soon as they are stored.
pub struct ByPush<C>(PhantomData<fn() -> C>);

/// Whether the push publishes the events is decided at run time, as for [`AnyEventStore`](super::AnyEventStore).
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
    note = "a function that accepts any such store takes `&impl TransactionalStore<…>` instead of `&impl Store<…>`"
)]
pub trait AfterCommit: Publishing {}

impl AfterCommit for Unpublished {}
impl AfterCommit for ByRelay {}

// The events of a group may be published in different ways.
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

/// An event store whose events can be pushed in a transaction of the caller: one that is not connected, or is connected
/// with [`connect_via_relay`](Store::connect_via_relay) only.
///
/// Code that takes any such store of `Pokemon` takes `&impl TransactionalStore<Pokemon>`. Every method is that of
/// [`Store`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store of `{S}` that can push in a transaction",
    label = "publishes its events when they are pushed, or is not a store of `{S}`",
    note = "pass an `EventStore<{S}>`, or one that is connected with `connect_via_relay` instead of `connect`"
)]
pub trait TransactionalStore<S: EventSourced>: Store<S, Publishing: AfterCommit> {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced, T: Store<S, Publishing: AfterCommit>> TransactionalStore<S> for T {}
