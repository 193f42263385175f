include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed(u32, String),
}

fn main() {}
