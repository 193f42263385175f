include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[event_store(id = "ORDERS", event = TrainerEvent)]
enum Order {
    Version { price: u32 },
}

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
