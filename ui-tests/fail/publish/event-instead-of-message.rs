include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_instead_of_message(bus: AppBus, event: EventDetail<Pokemon>) {
    let _ = bus.publish_message(event);
}

fn main() {}
