include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn connected_store<K: 'static>(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let pokemons = pokemons.connect(app_bus);
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn main() {}
