include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn tuple_element_of_another_store_one_store(
    bus: PokemonBus,
    pokemon: NotificationMessage<Pokemon>,
    other: NotificationMessage<Trainer>,
) {
    let _ = bus.publish_messages((pokemon, other));
}

fn main() {}
