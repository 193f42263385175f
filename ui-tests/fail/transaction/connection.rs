include!("../../game/stores.rs");
include!("../../game/channels.rs");

struct Connection;

async fn connection(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>, connection: &mut Connection) {
    let _ = pokemons.push_event(event).within(connection).await;
}

fn main() {}
