include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_with_state_one_store(trainers: EventStore<Trainer>, backup_queue: PokemonBackupQueue) {
    Relay::builder(backup_queue).publish(&trainers);
}

fn main() {}
