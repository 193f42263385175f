include!("../../game/stores.rs");

#[derive(Clone, Event)]
struct OrderEvent {
    price: u32,
}

fn main() {}
