include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(type = "__OTHER__")]
    Placed { product: String },
    Paid,
}

fn main() {}
