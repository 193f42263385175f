include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn no_version() {
    let _ = NewEvent::new("pikachu1", PokemonEvent::LeveledUp);
}

fn main() {}
