include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
struct Order<'a>(&'a str);

impl Reducer for Order<'static> {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
