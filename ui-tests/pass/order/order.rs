#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
include!("../../game/adapters.rs");

message_channel! {
    #[channel(order = "per_aggregate")]
    pub type OrderedPokemonQueue = NotificationMessageQueue<Pokemon>;
}

fn filter_in_order_on_unordered_bus(listener: InMemoryMessageBusAdapter<OrderedBus>) {
    listener.on(castore::consumer::in_order(Filter::store::<Pokemon>()), |_, _| async { Ok(()) });
}

fn filter_in_order_on_unordered_bus_one_store(listener: InMemoryMessageBusAdapter<OrderedPokemonBus>) {
    listener.on(castore::consumer::in_order(Filter::store::<Pokemon>()), |_, _| async { Ok(()) });
}

fn listeners_in_order_on_unordered_queue() {
    let _ = Listeners::<OrderedQueue>::new().in_order();
}

fn listeners_in_order_on_unordered_queue_one_store() {
    let _ = Listeners::<OrderedPokemonQueue>::new().in_order();
}

fn relay_in_order_on_unordered_bus(bus: OrderedBus) {
    let _ = Relay::builder(bus).in_order();
}

fn relay_in_order_on_unordered_bus_one_store(bus: OrderedPokemonBus) {
    let _ = Relay::builder(bus).in_order();
}

fn unordered_bus_adapter_on_ordered_bus(bus: AppBus) {
    bus.set_adapter(PostBusAdapter);
}

fn unordered_bus_adapter_on_ordered_bus_one_store(bus: PokemonBus) {
    bus.set_adapter(PostBusAdapter);
}

fn main() {}
