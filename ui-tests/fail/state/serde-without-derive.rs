include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
#[serde(rename_all = "camelCase")]
struct Order {
    edition: u64,
}

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
