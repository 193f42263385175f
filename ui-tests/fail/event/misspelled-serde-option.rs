include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[serde(rename_all_filds = "camelCase")]
enum OrderEvent {
    Placed { unit_price: u32 },
}

fn main() {}
