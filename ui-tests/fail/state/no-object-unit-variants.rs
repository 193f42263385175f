include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
enum Order {
    Open,
    Closed,
}

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "not yet"))
    }
}

message_channel! {
    type OrderQueue = StateCarryingMessageQueue<Pokemon, Order>;
}

fn main() {}
