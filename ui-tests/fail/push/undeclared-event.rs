include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn undeclared_event() {
    let _ = NewEvent::new("pikachu1", 1, PokemonEvent::Fainted);
}

fn main() {}
