include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn message_enum_of_another_channel(bus: AppBus, message: MessageOf<AppQueue>) {
    let _ = bus.publish_message(message);
}

fn main() {}
