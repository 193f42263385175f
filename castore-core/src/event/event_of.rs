use crate::event_sourced::EventSourced;

/// The event enum of event store `S`. `#[event_store]` implements this trait, so that the type of an event determines
/// the store.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the event enum of event store `{S}`",
    label = "not an event of `{S}`",
    note = "push a value of the event enum of `{S}`: the type after `event = ` in its `#[event_store]`"
)]
pub trait EventOf<S: EventSourced>: Into<S::Event> {}
