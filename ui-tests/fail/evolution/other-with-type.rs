include!("../../game/stores.rs");
use castore::event::UnknownEvent;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: String },
    #[event(other, type = "UNKNOWN")]
    Unknown(UnknownEvent),
}

fn main() {}
