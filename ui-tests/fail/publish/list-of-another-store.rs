include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn list_of_another_store(bus: AppBus, messages: Vec<NotificationMessage<Battle>>) {
    let _ = bus.publish_messages(messages);
}

fn main() {}
