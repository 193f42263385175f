//! The message channels. A store that a channel does not list cannot be connected to it: that does not compile.

use castore::prelude::*;

use crate::pokemon::Pokemon;
use crate::trainer::Trainer;

message_channel! {
    /// Everything that happens in the game.
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;

    /// How pokémons and trainers are after whatever happened to them, for the backup.
    #[channel(id = "BACKUP")]
    pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
}
