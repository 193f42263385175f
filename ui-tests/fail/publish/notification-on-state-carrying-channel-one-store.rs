include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn notification_on_state_carrying_channel_one_store(
    channel: PokemonBackupQueue,
    message: NotificationMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn main() {}
