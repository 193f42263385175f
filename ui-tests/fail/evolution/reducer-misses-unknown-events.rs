include!("../../game/stores.rs");
use castore::event::UnknownEvent;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: String },
    #[event(other)]
    Unknown(UnknownEvent),
}

#[derive(Clone)]
#[event_store(id = "ORDERS", event = OrderEvent)]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match &event.payload {
            OrderEvent::Placed { .. } => Ok(Self),
        }
    }
}

fn main() {}
