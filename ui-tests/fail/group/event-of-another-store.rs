include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_of_another_store(pokemons: EventStore<Pokemon>, event: NewEvent<Trainer>) {
    let _ = pokemons.group_event(event);
}

fn main() {}
