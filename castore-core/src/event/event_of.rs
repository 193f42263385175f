use crate::event_sourced::EventSourced;

/// The event enum of event store `S`. `#[event_store]` implements it, so that an event says which store it is for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the event enum of event store `{S}`",
    label = "not an event of `{S}`",
    note = "the enum that `{S}` names in `#[event_store(event = …)]` is the one to push"
)]
pub trait EventOf<S: EventSourced>: Into<S::Event> {}
