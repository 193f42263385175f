include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_of_another_store(queue: BackupQueue, event: EventDetail<Pokemon>, aggregate: Aggregate<Trainer>) {
    let _ = queue.publish_message(StateCarryingMessage { event, aggregate });
}

fn main() {}
