include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_instead_of_message_one_store(bus: PokemonBus, event: EventDetail<Pokemon>) {
    let _ = bus.publish_message(event);
}

fn main() {}
