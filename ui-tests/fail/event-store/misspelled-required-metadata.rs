include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
struct Audit;

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent, metadata(requird) = Audit)]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

fn main() {}
