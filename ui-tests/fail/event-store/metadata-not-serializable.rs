include!("../../game/stores.rs");

#[derive(Clone)]
struct Trigger;

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent, metadata = Trigger)]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

fn main() {}
