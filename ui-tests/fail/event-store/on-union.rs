include!("../../game/stores.rs");

#[derive(Clone, Copy)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
union Order {
    number: u32,
}

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
