include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_with_state(battles: EventStore<Battle>, backup_queue: BackupQueue) {
    battles.connect(backup_queue);
}

fn main() {}
