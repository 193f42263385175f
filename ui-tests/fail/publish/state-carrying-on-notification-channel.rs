include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn state_carrying_on_notification_channel(channel: AppBus, message: StateCarryingMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn main() {}
