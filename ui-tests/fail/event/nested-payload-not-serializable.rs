include!("../../game/stores.rs");

#[derive(Clone)]
struct Product;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { products: Vec<Option<Product>> },
}

fn main() {}
