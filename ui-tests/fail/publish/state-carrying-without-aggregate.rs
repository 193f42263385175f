include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn state_carrying_without_aggregate(queue: BackupQueue, event: EventDetail<Pokemon>) {
    let _ = queue.publish_message(StateCarryingMessage { event });
}

fn main() {}
