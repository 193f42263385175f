include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn notification_of_another_store_one_store(channel: PokemonBus, message: NotificationMessage<Trainer>) {
    let _ = channel.publish_message(message);
}

fn main() {}
