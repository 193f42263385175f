include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn message_enum_of_another_channel_one_store(bus: PokemonBus, message: MessageOf<PokemonQueue>) {
    let _ = bus.publish_message(message);
}

fn main() {}
