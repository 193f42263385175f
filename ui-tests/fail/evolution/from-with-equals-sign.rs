include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from = "PLACED")]
    Placed { product: String },
    Paid,
}

fn main() {}
