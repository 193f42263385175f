include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn catch(_: &impl TransactionalStore<Pokemon>) {}

fn connected_store_as_transactional(pokemons: ConnectedEventStore<Pokemon, AppBus>) {
    catch(&pokemons);
}

fn main() {}
