use crate::event_sourced::EventSourced;

/// The event enum of event store `S`. `#[event_store]` implements this trait, so that the type of an event determines
/// the store.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the event enum of event store `{S}`",
    label = "not an event of `{S}`",
    note = "the enum that `{S}` names in `#[event_store(event = …)]` is the one to push"
)]
pub trait EventOf<S: EventSourced>: Into<S::Event> {}
