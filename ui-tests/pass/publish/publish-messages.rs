#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn list_of_another_store(bus: AppBus, messages: Vec<NotificationMessage<Pokemon>>) {
    let _ = bus.publish_messages(messages);
}

fn tuple_element_of_another_store(
    bus: AppBus,
    pokemon: NotificationMessage<Pokemon>,
    other: NotificationMessage<Pokemon>,
) {
    let _ = bus.publish_messages((pokemon, other));
}

fn list_of_another_kind(bus: AppBus, messages: Vec<NotificationMessage<Pokemon>>) {
    let _ = bus.publish_messages(messages);
}

fn list_of_another_store_one_store(bus: PokemonBus, messages: Vec<NotificationMessage<Pokemon>>) {
    let _ = bus.publish_messages(messages);
}

fn tuple_element_of_another_store_one_store(
    bus: PokemonBus,
    pokemon: NotificationMessage<Pokemon>,
    other: NotificationMessage<Pokemon>,
) {
    let _ = bus.publish_messages((pokemon, other));
}

fn list_of_another_kind_one_store(bus: PokemonBus, messages: Vec<NotificationMessage<Pokemon>>) {
    let _ = bus.publish_messages(messages);
}

fn one_message_instead_of_several(bus: AppBus, message: NotificationMessage<Pokemon>) {
    let _ = bus.publish_messages([message]);
}

fn main() {}
