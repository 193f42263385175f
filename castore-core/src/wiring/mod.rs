//! The parts of one program, as `wiring!` lists them.

#[doc(hidden)]
pub mod checks;
mod entries;

pub use entries::{ChannelEntry, ConsumerEntry, ReadModelEntry, RelayEntry, StoreEntry, WiredEventStore};

use crate::describe::ProgramDescription;

/// A program, as declared by `wiring!`: a type that lists event stores, message channels, consumers, commands, read
/// models and relays.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the wiring of a program",
    label = "needs `wiring!`",
    note = "declare it with `wiring! {{ struct {Self}; stores: […], … }}`"
)]
pub trait Wiring {
    /// The name of the type.
    const NAME: &'static str;

    #[doc(hidden)]
    const STORES: &'static [StoreEntry];

    #[doc(hidden)]
    const CHANNELS: &'static [ChannelEntry];

    #[doc(hidden)]
    const CONSUMERS: &'static [ConsumerEntry];

    #[doc(hidden)]
    const COMMANDS: &'static [&'static str];

    #[doc(hidden)]
    const READ_MODELS: &'static [ReadModelEntry];

    #[doc(hidden)]
    const RELAYS: &'static [RelayEntry];

    /// Returns the description of the program as data.
    fn describe() -> ProgramDescription {
        ProgramDescription {
            name: Self::NAME,
            stores: Self::STORES.iter().map(StoreEntry::describe).collect(),
            channels: Self::CHANNELS.iter().map(ChannelEntry::describe).collect(),
            consumers: Self::CONSUMERS.iter().map(ConsumerEntry::describe).collect(),
            commands: Self::COMMANDS.to_vec(),
            read_models: Self::READ_MODELS.iter().map(ReadModelEntry::describe).collect(),
            relays: Self::RELAYS.iter().map(RelayEntry::describe).collect(),
        }
    }
}
