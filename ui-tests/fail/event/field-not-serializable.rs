include!("../../game/stores.rs");

#[derive(Clone)]
struct Product;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: Product },
}

fn main() {}
