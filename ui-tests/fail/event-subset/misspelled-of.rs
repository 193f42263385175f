include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(off = PokemonEvent)]
enum Mailed {
    LeveledUp,
}

fn main() {}
