include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(of = PokemonEvent)]
struct Mailed;

fn main() {}
