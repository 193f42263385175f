include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[cfg_attr(all(), serde(rename_all_filds = "camelCase"))]
enum OrderEvent {
    Placed { unit_price: u32 },
}

fn main() {}
