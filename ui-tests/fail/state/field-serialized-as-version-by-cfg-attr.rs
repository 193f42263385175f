include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
struct Order {
    #[cfg_attr(all(), serde(rename = "version"))]
    edition: u64,
}

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

fn main() {}
