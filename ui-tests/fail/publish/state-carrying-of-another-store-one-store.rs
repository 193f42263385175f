include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn state_carrying_of_another_store_one_store(channel: PokemonBackupQueue, message: StateCarryingMessage<Trainer>) {
    let _ = channel.publish_message(message);
}

fn main() {}
