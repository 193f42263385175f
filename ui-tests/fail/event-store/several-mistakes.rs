include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "", evnt = TrainerEvent, color = "red")]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

fn main() {}
