include!("../../game/stores.rs");
use castore::event::Retired;

#[derive(Clone, Deserialize)]
struct Placed {
    product: String,
}

#[derive(Clone, Event)]
enum OrderEvent {
    Placed(Retired<Placed>),
}

fn main() {}
