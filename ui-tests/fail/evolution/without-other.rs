include!("../../game/stores.rs");
use castore::event::UnknownEvent;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: String },
    Unknown(UnknownEvent),
}

fn main() {}
