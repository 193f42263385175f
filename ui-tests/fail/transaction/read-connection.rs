include!("../../game/stores.rs");
include!("../../game/channels.rs");

struct Connection;

async fn connection(pokemons: EventStore<Pokemon>, connection: &mut Connection) {
    let _ = pokemons.get_aggregate("pikachu1").within(connection).await;
}

fn main() {}
