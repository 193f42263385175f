include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: String },
    #[event(other)]
    Unknown(String),
}

fn main() {}
