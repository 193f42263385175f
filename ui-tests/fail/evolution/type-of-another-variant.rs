include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from("Paid"))]
    Placed { product: String },
    Paid,
}

fn main() {}
