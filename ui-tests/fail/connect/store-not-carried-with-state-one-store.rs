include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_with_state_one_store(battles: EventStore<Battle>, backup_queue: PokemonBackupQueue) {
    battles.connect(backup_queue);
}

fn main() {}
