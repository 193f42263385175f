//! Checked types: a type whose check failed becomes an unknown type, so that the compiler reports each mistake only
//! once.
//!
//! Generated code names a user's type in many places, and each place requires, for example, that the type is an event
//! store. If the type is not an event store, the compiler would report an error for each place. To avoid that,
//! generated code checks the type in one constant, and writes `Checked<Customer, { is_event_store::<Customer>() }>` in
//! all other places. If the check compiles, this type is `Customer` itself. If the check does not compile, the constant
//! has no value and the whole type is unknown, so the compiler reports nothing but the failed check.

use crate::event_sourced::EventSourced;

/// `T`, or an unknown type if the constant `IS_VALID` does not compile.
#[doc(hidden)]
pub type Checked<T, const IS_VALID: bool> = <Check<IS_VALID> as CheckedType<T>>::Type;

#[doc(hidden)]
#[derive(Debug)]
pub enum Check<const IS_VALID: bool> {}

#[doc(hidden)]
pub trait CheckedType<T: ?Sized> {
    type Type: ?Sized;
}

impl<T: ?Sized, const IS_VALID: bool> CheckedType<T> for Check<IS_VALID> {
    type Type = T;
}

/// Compiles only if `S` is an event store.
#[doc(hidden)]
pub const fn is_event_store<S: EventSourced>() -> bool {
    true
}

/// An event store, as a bound on listed types whose name ends with `Event`. If such a type is not an event store, it is
/// probably an event enum that was listed instead of the state, so this trait has its own error text.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store",
    label = "did you mean the event store of these events?",
    note = "list the state type, which has the attribute `#[event_store(event = {Self})]`, instead of the event enum"
)]
pub trait ListedEventStore {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced> ListedEventStore for S {}

/// Compiles only if `S` is an event store. Used for types whose name ends with `Event`.
#[doc(hidden)]
pub const fn is_event_store_or_event<S: ListedEventStore>() -> bool {
    true
}
