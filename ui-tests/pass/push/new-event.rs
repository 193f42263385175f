#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn payload_of_another_store_named() {
    let _ = NewEvent::<Pokemon>::new("pikachu1", 1, PokemonEvent::LeveledUp);
}

fn next_event_of_another_store(pikachu: Aggregate<Pokemon>) {
    let _ = pikachu.next_event(PokemonEvent::LeveledUp);
}

fn payload_without_a_field() {
    let _ = NewEvent::new("pikachu1", 1, PokemonEvent::Appeared { name: "Pikachu".into() });
}

fn undeclared_event() {
    let _ = NewEvent::new("pikachu1", 1, PokemonEvent::LeveledUp);
}

fn no_version() {
    let _ = NewEvent::new("pikachu1", 1, PokemonEvent::LeveledUp);
}

fn negative_version() {
    let _ = NewEvent::new("pikachu1", 1, PokemonEvent::LeveledUp);
}

fn metadata_of_a_store_without(event: NewEvent<Pokemon>) {
    let _ = event;
}

fn no_event_at_all() {
    let _ = NewEvent::new("pikachu1", 1, PokemonEvent::LeveledUp);
}

fn main() {}
