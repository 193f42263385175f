include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from("BOUGHT"))]
    Placed { product: String },
    #[event(from("BOUGHT"))]
    Paid,
}

fn main() {}
