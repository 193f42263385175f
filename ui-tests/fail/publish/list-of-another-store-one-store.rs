include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn list_of_another_store_one_store(bus: PokemonBus, messages: Vec<NotificationMessage<Trainer>>) {
    let _ = bus.publish_messages(messages);
}

fn main() {}
