include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/snapshots.rs");

fn snapshots_of_another_store(pokemons: EventStore<Pokemon>) {
    pokemons.with_snapshots(Snapshots::<Trainer>::new(Shelf));
}

fn main() {}
