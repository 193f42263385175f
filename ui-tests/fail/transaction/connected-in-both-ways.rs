include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn connected_in_both_ways<K: 'static>(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
    app_queue: AppQueue,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let pokemons = pokemons.connect(app_bus).connect_via_relay(app_queue);
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn main() {}
