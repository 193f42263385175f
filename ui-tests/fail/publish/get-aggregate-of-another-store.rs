include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn get_aggregate_of_another_store(channel: BackupQueue, event: EventDetail<Battle>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn main() {}
