use super::Logged;

/// A read model, which a projection keeps up to date. This trait is a supertrait of the projection traits of all
/// storages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a read model",
    label = "needs `impl ReadModel for {Self}`",
    note = "implement `ReadModel` for `{Self}`, with its name, its version and the type of its events"
)]
pub trait ReadModel: 'static {
    /// The name of the read model. Each storage has rules for valid names.
    const NAME: &'static str;

    /// The version of the read model, from 1. Increase the version when the read model or its content changes. The new
    /// version is built while readers still use the old one.
    const VERSION: u32;

    /// The type into which events are decoded: `EventDetail<S>` for the events of one event store, or the message enum
    /// of a notification channel for the events of several stores.
    type Event: Logged;
}
