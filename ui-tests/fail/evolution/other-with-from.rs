include!("../../game/stores.rs");
use castore::event::UnknownEvent;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: String },
    #[event(other, from("PLACED"))]
    Unknown(UnknownEvent),
}

fn main() {}
