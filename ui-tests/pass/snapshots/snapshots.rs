#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/snapshots.rs");

fn state_not_serializable(pokemons: EventStore<Pokemon>) {
    pokemons.with_snapshots(Snapshots::new(Shelf));
}

fn state_not_serializable_every(shops: EventStore<Shop>) {
    shops.with_snapshots(Snapshots::new(InMemorySnapshotAdapter::with_capacity(10)));
}

fn storage_keeps_no_snapshots(pokemons: EventStore<Pokemon>) {
    pokemons.with_snapshots(Snapshots::new(Shelf));
}

fn snapshots_of_another_store(pokemons: EventStore<Pokemon>) {
    pokemons.with_snapshots(Snapshots::<Pokemon>::new(Shelf));
}

fn main() {}
