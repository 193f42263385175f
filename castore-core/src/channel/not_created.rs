//! The constant with the name of a channel's type. Its purpose is a compile error that explains how to create the
//! channel.

use std::fmt;
use std::marker::PhantomData;

use super::{Carries, ConnectsTo};
use crate::event_sourced::EventSourced;

/// The type of the constant that has the same name as a channel. Without this constant, the compiler would suggest
/// writing out the private fields of the channel when a user writes `connect(AppBus)`.
#[doc(hidden)]
pub struct NotCreated<C>(PhantomData<fn() -> C>);

impl<C> NotCreated<C> {
    pub const VALUE: Self = Self(PhantomData);
}

impl<C> fmt::Debug for NotCreated<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NotCreated")
    }
}

/// This impl never applies: it exists so that the compiler reports the unsatisfied bound `PassedAsType`.
impl<S: EventSourced, C: Carries<S> + PassedAsType> ConnectsTo<S> for NotCreated<C> {
    type Channel = C;

    fn __channel(self) -> C {
        C::create()
    }
}

/// A bound that no type satisfies. Its purpose is the compile error for the name of a channel that is passed as a
/// value.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is the type of the message channel, not a message channel",
    label = "create the message channel",
    note = "write `{Self}::new()`, or pass a clone of a message channel that was created before"
)]
pub trait PassedAsType: Sized {
    fn create() -> Self;
}
