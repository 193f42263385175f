include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn notification_of_another_store(channel: AppBus, message: NotificationMessage<Battle>) {
    let _ = channel.publish_message(message);
}

fn main() {}
