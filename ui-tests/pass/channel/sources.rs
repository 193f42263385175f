#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn missing_source(pokemon: EventStore<Pokemon>, trainer: EventStore<Trainer>) {
    let _ = BackupQueue::new(BackupQueueSources { pokemon, trainer });
}

fn source_of_another_store(pokemon: EventStore<Pokemon>, trainer: EventStore<Trainer>) {
    let _ = BackupQueue::new(BackupQueueSources { pokemon, trainer });
}

fn no_sources_given(sources: BackupQueueSources) {
    let _ = BackupQueue::new(sources);
}

fn main() {}
