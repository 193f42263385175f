include!("../../game/stores.rs");
include!("../../game/channels.rs");

struct Connection;

fn connection(pokemons: EventStore<Pokemon>, connection: &Connection) {
    let _ = pokemons.get_events("pikachu1").within_blocking(connection);
}

fn main() {}
