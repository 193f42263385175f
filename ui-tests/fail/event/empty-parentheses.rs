include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed(),
}

fn main() {}
