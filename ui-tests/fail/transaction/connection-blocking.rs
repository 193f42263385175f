include!("../../game/stores.rs");
include!("../../game/channels.rs");

struct Connection;

fn connection_blocking(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>, connection: &Connection) {
    let _ = pokemons.push_event(event).within_blocking(connection);
}

fn main() {}
