include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn push_request_as_element(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    let _ = push_event_group((pokemons.push_event(event),));
}

fn main() {}
