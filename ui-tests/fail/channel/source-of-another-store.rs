include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn source_of_another_store(pokemon: EventStore<Pokemon>, battle: EventStore<Battle>) {
    let _ = BackupQueue::new(BackupQueueSources { pokemon, trainer: battle });
}

fn main() {}
