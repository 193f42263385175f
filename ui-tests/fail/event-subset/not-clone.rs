include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Mailed {
    LeveledUp,
}

fn main() {}
