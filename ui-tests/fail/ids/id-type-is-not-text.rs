include!("../../game/stores.rs");

#[derive(Clone, PartialEq, Eq, Hash)]
struct OrderId(u32);

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent, aggregate_id = OrderId)]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

fn main() {}
