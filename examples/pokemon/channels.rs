//! The message channels. Connecting a store to a channel that does not carry it does not compile.

use castore::prelude::*;

use crate::pokemon::Pokemon;
use crate::trainer::Trainer;

message_channel! {
    /// Notifications of all events of the game.
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;

    /// The states of pokémons and trainers after each event, for the backup.
    #[channel(id = "BACKUP")]
    pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
}
