include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from(""))]
    Placed { product: String },
    Paid,
}

fn main() {}
