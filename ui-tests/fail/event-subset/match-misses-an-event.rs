include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Mailed {
    Appeared { name: String },
    LeveledUp,
}

fn match_misses_an_event(event: &Mailed) {
    match event {
        Mailed::LeveledUp => {}
    }
}

fn main() {}
