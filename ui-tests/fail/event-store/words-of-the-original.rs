include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(event_store_id = "ORDERS", event_types = TrainerEvent, reducer = reduce)]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

fn main() {}
