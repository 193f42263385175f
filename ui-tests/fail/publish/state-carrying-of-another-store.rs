include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn state_carrying_of_another_store(channel: BackupQueue, message: StateCarryingMessage<Battle>) {
    let _ = channel.publish_message(message);
}

fn main() {}
