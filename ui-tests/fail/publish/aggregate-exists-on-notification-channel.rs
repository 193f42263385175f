include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_on_notification_channel(channel: AppBus, message: AggregateExistsMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn main() {}
