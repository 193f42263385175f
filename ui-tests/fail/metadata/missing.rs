include!("../../game/stores.rs");
include!("../../game/audited.rs");

async fn missing(orders: EventStore<Order>) {
    let _ = orders.push_event(NewEvent::new("o-1", 1, OrderEvent::Placed)).await;
}

fn main() {}
