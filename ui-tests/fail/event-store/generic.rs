include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
struct Order<T>(T);

impl<T: Clone + Send + Sync + 'static> Reducer for Order<T> {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
