include!("../../game/stores.rs");

#[derive(Clone)]
enum OrderEvent {
    Placed,
}

#[derive(Clone)]
#[event_store(id = "ORDERS", event = OrderEvent)]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

fn main() {}
