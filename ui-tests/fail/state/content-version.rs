include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", content = "version")]
#[event_store(id = "ORDERS", event = TrainerEvent)]
enum Order {
    Placed { price: u32 },
}

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
