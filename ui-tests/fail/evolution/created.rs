include!("../../game/stores.rs");
use castore::event::UnknownEvent;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: String },
    #[event(other)]
    Unknown(UnknownEvent),
}

fn unknown() -> OrderEvent {
    OrderEvent::Unknown(UnknownEvent("SHIPPED"))
}

fn main() {}
