include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Mailed {
    GainedLevel,
}

fn main() {}
