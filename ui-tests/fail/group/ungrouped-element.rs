include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn ungrouped_element(pokemons: EventStore<Pokemon>, a: NewEvent<Pokemon>, b: NewEvent<Trainer>) {
    let _ = push_event_group((pokemons.group_event(a), b));
}

fn main() {}
