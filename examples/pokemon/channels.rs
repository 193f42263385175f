//! The message channels. Connecting a store to a channel that does not carry it does not compile.

use castore::prelude::*;

use crate::pokemon::Pokemon;
use crate::trainer::Trainer;

message_channel! {
    /// Notifications of all events of the game.
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;

    /// Events with the state of the pokémon or trainer after the event, for the backup.
    #[channel(id = "BACKUP")]
    pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
}
