include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn without_tuple(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    let _ = push_event_group(pokemons.group_event(event));
}

fn main() {}
