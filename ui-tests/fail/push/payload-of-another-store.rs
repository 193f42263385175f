include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn payload_of_another_store(pokemons: EventStore<Pokemon>) {
    let _ = pokemons.push_event(NewEvent::new("pikachu1", 1, TrainerEvent::Joined));
}

fn main() {}
