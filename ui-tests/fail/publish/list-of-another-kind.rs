include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn list_of_another_kind(bus: AppBus, messages: Vec<StateCarryingMessage<Pokemon>>) {
    let _ = bus.publish_messages(messages);
}

fn main() {}
