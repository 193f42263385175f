include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn notification_on_aggregate_exists_channel_one_store(
    channel: PokemonCensusBus,
    message: NotificationMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn main() {}
