include!("../../game/stores.rs");
include!("../../game/audited.rs");

async fn missing_in_generic_code(orders: &impl Store<Order>) {
    let _ = orders.push_event(NewEvent::new("o-1", 1, OrderEvent::Placed)).await;
}

fn main() {}
