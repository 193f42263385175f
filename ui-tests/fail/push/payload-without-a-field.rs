include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn payload_without_a_field() {
    let _ = NewEvent::new("pikachu1", 1, PokemonEvent::Appeared {});
}

fn main() {}
