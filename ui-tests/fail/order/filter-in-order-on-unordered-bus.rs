include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn filter_in_order_on_unordered_bus(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(castore::consumer::in_order(Filter::store::<Pokemon>()), |_, _| async { Ok(()) });
}

fn main() {}
