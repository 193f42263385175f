include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[serde(default)]
enum OrderEvent {
    Placed { unit_price: u32 },
}

fn main() {}
