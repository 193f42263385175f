//! The constant that each channel declaration generates, with the same name as the channel's type. If the name of the
//! type is passed as a value, the constant causes a compile error that explains how to create the channel.

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

/// A bound that no type satisfies. If the name of a channel's type is passed as a value, the compiler reports the error
/// text of this trait.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is the type of the message channel, not a message channel",
    label = "create the message channel",
    note = "write `{Self}::new()`, or pass a clone of a message channel that was created before"
)]
pub trait PassedAsType: Sized {
    fn create() -> Self;
}
