include!("../../game/stores.rs");

#[derive(Clone)]
struct OrderEventType;

#[derive(Clone, Event)]
enum OrderEvent {
    Placed,
}

fn main() {}
