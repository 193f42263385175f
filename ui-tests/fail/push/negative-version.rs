include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn negative_version() {
    let _ = NewEvent::new("pikachu1", -1, PokemonEvent::LeveledUp);
}

fn main() {}
