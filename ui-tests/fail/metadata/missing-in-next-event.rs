include!("../../game/stores.rs");
include!("../../game/audited.rs");

async fn missing_in_next_event(orders: castore::AnyEventStore<Order>, order: Aggregate<Order>) {
    let _ = orders.push_event(order.next_event(OrderEvent::Paid)).await;
}

fn main() {}
