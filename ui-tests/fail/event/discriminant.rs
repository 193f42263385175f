include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed = 1,
}

fn main() {}
