include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn tuple_element_of_another_store(
    bus: AppBus,
    pokemon: NotificationMessage<Pokemon>,
    other: NotificationMessage<Battle>,
) {
    let _ = bus.publish_messages((pokemon, other));
}

fn main() {}
