#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn notification_of_another_store(channel: AppBus, message: NotificationMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn notification_of_another_store_one_store(channel: PokemonBus, message: NotificationMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn state_carrying_of_another_store(channel: BackupQueue, message: StateCarryingMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn state_carrying_of_another_store_one_store(channel: PokemonBackupQueue, message: StateCarryingMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn aggregate_exists_of_another_store(channel: CensusBus, message: AggregateExistsMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn aggregate_exists_of_another_store_one_store(channel: PokemonCensusBus, message: AggregateExistsMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn notification_on_state_carrying_channel(channel: BackupQueue, message: StateCarryingMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn notification_on_state_carrying_channel_one_store(
    channel: PokemonBackupQueue,
    message: StateCarryingMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn notification_on_aggregate_exists_channel(channel: CensusBus, message: AggregateExistsMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn notification_on_aggregate_exists_channel_one_store(
    channel: PokemonCensusBus,
    message: AggregateExistsMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn state_carrying_on_notification_channel(channel: AppBus, message: NotificationMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn state_carrying_on_notification_channel_one_store(channel: PokemonBus, message: NotificationMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn state_carrying_on_aggregate_exists_channel(channel: CensusBus, message: AggregateExistsMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn state_carrying_on_aggregate_exists_channel_one_store(
    channel: PokemonCensusBus,
    message: AggregateExistsMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn aggregate_exists_on_notification_channel(channel: AppBus, message: NotificationMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn aggregate_exists_on_notification_channel_one_store(channel: PokemonBus, message: NotificationMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn aggregate_exists_on_state_carrying_channel(channel: BackupQueue, message: StateCarryingMessage<Pokemon>) {
    let _ = channel.publish_message(message);
}

fn aggregate_exists_on_state_carrying_channel_one_store(
    channel: PokemonBackupQueue,
    message: StateCarryingMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn event_instead_of_message(bus: AppBus, event: EventDetail<Pokemon>) {
    let _ = bus.publish_message(NotificationMessage { event });
}

fn message_enum_of_another_channel(bus: AppBus, message: MessageOf<AppBus>) {
    let _ = bus.publish_message(message);
}

fn event_instead_of_message_one_store(bus: PokemonBus, event: EventDetail<Pokemon>) {
    let _ = bus.publish_message(NotificationMessage { event });
}

fn message_enum_of_another_channel_one_store(bus: PokemonBus, message: MessageOf<PokemonBus>) {
    let _ = bus.publish_message(message);
}

fn state_carrying_without_aggregate(queue: BackupQueue, event: EventDetail<Pokemon>, aggregate: Aggregate<Pokemon>) {
    let _ = queue.publish_message(StateCarryingMessage { event, aggregate });
}

fn aggregate_of_another_store(queue: BackupQueue, event: EventDetail<Pokemon>, aggregate: Aggregate<Pokemon>) {
    let _ = queue.publish_message(StateCarryingMessage { event, aggregate });
}

fn main() {}
