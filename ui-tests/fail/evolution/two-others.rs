include!("../../game/stores.rs");
use castore::event::UnknownEvent;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: String },
    #[event(other)]
    Unknown(UnknownEvent),
    #[event(other)]
    Newer(UnknownEvent),
}

fn main() {}
