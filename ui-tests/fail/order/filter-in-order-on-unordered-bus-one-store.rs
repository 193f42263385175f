include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn filter_in_order_on_unordered_bus_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    listener.on(castore::consumer::in_order(Filter::store::<Pokemon>()), |_, _| async { Ok(()) });
}

fn main() {}
