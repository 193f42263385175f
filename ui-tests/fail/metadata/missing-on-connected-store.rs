include!("../../game/stores.rs");
include!("../../game/audited.rs");

async fn missing_on_connected_store(orders: ConnectedEventStore<Order, ShopBus>, event: NewEvent<Order>) {
    let _ = orders.push_event(event).await;
}

fn main() {}
