include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn missing_source(pokemon: EventStore<Pokemon>, trainer: EventStore<Trainer>) {
    let _ = BackupQueue::new(BackupQueueSources { pokemon });
}

fn main() {}
