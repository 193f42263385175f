//! The requirements that every state must fulfill.

/// A type that can be the state of an aggregate: it can be cloned, and shared between threads.
///
/// Implemented for every `'static` type with `Clone`, `Send` and `Sync`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the state of an aggregate",
    label = "needs `Clone`, `Send` and `Sync`",
    note = "add `#[derive(Clone)]` to `{Self}`, and use only fields that can be shared between threads"
)]
pub trait AggregateState: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> AggregateState for T {}

/// A helper for the checks of a state. In the traits below, the state is a parameter. If it were `Self`, the compiler
/// would also suggest borrowing the state.
#[doc(hidden)]
#[derive(Debug)]
pub enum StateCheck {}

#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the state `{S}` cannot be cloned",
    label = "needs `#[derive(Clone)]`",
    note = "add `#[derive(Clone)]` to `{S}`, and to the types of its fields"
)]
pub trait CanBeCloned<S> {}

#[diagnostic::do_not_recommend]
impl<S: Clone> CanBeCloned<S> for StateCheck {}

#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the state `{S}` cannot be shared between threads",
    label = "has a field that is not `Send` and `Sync`",
    note = "use `Arc` instead of `Rc`, and `Mutex` or an atomic type instead of `RefCell` or `Cell`; a `dyn` type needs `+ Send + Sync`"
)]
pub trait CanBeShared<S> {}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> CanBeShared<S> for StateCheck {}

/// Compiles only if `S` can be the state of an aggregate.
#[doc(hidden)]
pub const fn is_state<S>() -> bool
where
    StateCheck: CanBeCloned<S> + CanBeShared<S>,
{
    true
}
