include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "version")]
#[event_store(id = "ORDERS", event = TrainerEvent)]
struct Order {
    price: u32,
}

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
