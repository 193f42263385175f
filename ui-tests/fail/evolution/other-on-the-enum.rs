include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[event(other)]
enum OrderEvent {
    Placed { product: String },
    Paid,
}

fn main() {}
