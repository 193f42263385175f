include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/snapshots.rs");

fn storage_keeps_no_snapshots(pokemons: EventStore<Pokemon>) {
    pokemons.with_snapshots(Snapshots::new("game.db"));
}

fn main() {}
