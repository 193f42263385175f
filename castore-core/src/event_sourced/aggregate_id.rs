use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use super::EventSourced;

/// A type that can identify an aggregate: `String`, `uuid::Uuid`, or a custom type with a text form.
///
/// Implemented for every `'static` type with `Display`, `FromStr` (whose error implements `Display`), `Clone`, `Eq`,
/// `Hash`, `Send` and `Sync`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot identify an aggregate",
    label = "not an aggregate id",
    note = "an aggregate id is stored as text: implement `Display` and `FromStr` for `{Self}`, and derive `Clone`, `PartialEq`, `Eq` and `Hash`"
)]
pub trait AggregateId: Display + FromStr<Err: Display> + Clone + Eq + Hash + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Display + FromStr<Err: Display> + Clone + Eq + Hash + Send + Sync + 'static> AggregateId for T {}

/// Compiles only if `T` can identify an aggregate.
#[doc(hidden)]
pub const fn is_aggregate_id<T: AggregateId>() -> bool {
    true
}

/// A value that can be passed as an aggregate id of type `Id`: the id, a reference to the id, or a `&str` if `Id` is
/// `String`.
#[diagnostic::on_unimplemented(
    message = "expected an aggregate id of type `{Id}`, found `{Self}`",
    label = "not an id of this event store, whose ids are `{Id}`",
    note = "convert it, or check that the id is meant for this event store"
)]
pub trait IntoAggregateId<Id> {
    /// Converts the value to the id.
    fn into_aggregate_id(self) -> Id;
}

#[diagnostic::do_not_recommend]
impl<Id: AggregateId> IntoAggregateId<Id> for Id {
    fn into_aggregate_id(self) -> Id {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<Id: AggregateId> IntoAggregateId<Id> for &Id {
    fn into_aggregate_id(self) -> Id {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl IntoAggregateId<String> for &str {
    fn into_aggregate_id(self) -> String {
        self.to_owned()
    }
}

/// An event store that accepts values of type `I` as aggregate ids, like [`IntoAggregateId`]. `NewEvent::new` has a
/// bound on this trait, because the compiler must infer the store from another argument, the payload. With a bound on
/// the store, the compiler infers the store before it infers the type of the store's ids.
#[doc(hidden)]
pub trait TakesAggregateId<I>: EventSourced {
    fn take_aggregate_id(aggregate_id: I) -> Self::AggregateId;
}

impl<S: EventSourced, I: IntoAggregateId<S::AggregateId>> TakesAggregateId<I> for S {
    fn take_aggregate_id(aggregate_id: I) -> S::AggregateId {
        aggregate_id.into_aggregate_id()
    }
}
