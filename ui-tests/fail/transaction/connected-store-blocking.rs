include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn connected_store_blocking<K>(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
    event: NewEvent<Pokemon>,
    transaction: &impl castore::storage::BlockingPushTransaction<K>,
) {
    let pokemons = pokemons.connect(app_bus);
    let _ = pokemons.push_event(event).within_blocking(transaction);
}

fn main() {}
