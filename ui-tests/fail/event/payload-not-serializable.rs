include!("../../game/stores.rs");

#[derive(Clone)]
struct Product;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed(Product),
}

fn main() {}
