/// A value that handlers receive as their first argument, such as an `Arc` with the services that a handler uses.
///
/// Implemented automatically for every type that implements `Clone`, `Send` and `Sync` and contains no borrowed data.
/// The state is cloned for each call, so wrap values that are expensive to clone in an [`Arc`](std::sync::Arc). See
/// [`Listeners::on_with_state`](super::Listeners::on_with_state).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the state of a handler or a hook",
    label = "not `Clone`, `Send`, `Sync` and `'static`",
    note = "wrap a value that is not `Clone` in an `Arc`: the state is cloned for each call of the handler",
    note = "calls run on several threads: use `Arc` instead of `Rc`, and `Mutex` or an atomic type instead of `RefCell` or `Cell`"
)]
pub trait HandlerState: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<S: Clone + Send + Sync + 'static> HandlerState for S {}
