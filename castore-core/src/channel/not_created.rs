//! The name of a channel, used as a value.

use std::fmt;
use std::marker::PhantomData;

use super::{Carries, ConnectsTo};
use crate::event_sourced::EventSourced;

/// The value of a channel's name. Without it, the compiler would suggest to write the private fields of the channel in
/// place of `connect(AppBus)`.
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

/// Never applies: the compiler reports the bound.
impl<S: EventSourced, C: Carries<S> + PassedAsType> ConnectsTo<S> for NotCreated<C> {
    type Channel = C;

    fn __channel(self) -> C {
        C::create()
    }
}

/// Implemented by no type.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is the type of the message channel, not a message channel",
    label = "create the message channel",
    note = "write `{Self}::new()`, or pass a clone of a message channel that was created before"
)]
pub trait PassedAsType: Sized {
    fn create() -> Self;
}
