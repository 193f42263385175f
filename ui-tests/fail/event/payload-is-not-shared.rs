include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: std::rc::Rc<str> },
}

fn main() {}
