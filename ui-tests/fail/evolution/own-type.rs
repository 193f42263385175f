include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(type = "PLACED", from("PLACED"))]
    Placed { product: String },
    Paid,
}

fn main() {}
