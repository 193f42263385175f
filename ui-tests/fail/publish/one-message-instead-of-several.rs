include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn one_message_instead_of_several(bus: AppBus, message: NotificationMessage<Pokemon>) {
    let _ = bus.publish_messages(message);
}

fn main() {}
