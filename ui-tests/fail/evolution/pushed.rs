include!("../../game/stores.rs");
use castore::event::Retired;

#[derive(Clone, Serialize, Deserialize)]
struct Placed {
    product: String,
}

#[derive(Clone, Event)]
enum OrderEvent {
    Placed(Retired<Placed>),
}

fn placed() -> OrderEvent {
    OrderEvent::Placed(Placed { product: "lamp".to_owned() })
}

fn main() {}
