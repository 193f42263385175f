#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn get_aggregate_on_notification_channel(channel: BackupQueue, event: EventDetail<Pokemon>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn get_aggregate_on_aggregate_exists_channel(channel: BackupQueue, event: EventDetail<Pokemon>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn get_aggregate_of_another_store(channel: BackupQueue, event: EventDetail<Pokemon>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn get_aggregate_on_notification_channel_one_store(channel: PokemonBackupQueue, event: EventDetail<Pokemon>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn get_aggregate_on_aggregate_exists_channel_one_store(channel: PokemonBackupQueue, event: EventDetail<Pokemon>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn get_aggregate_of_another_store_one_store(channel: PokemonBackupQueue, event: EventDetail<Pokemon>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn main() {}
