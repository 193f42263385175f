include!("../../game/stores.rs");

#[derive(Clone, Event, Serialize)]
#[serde(rename_all = "camelCase")]
enum OrderEvent {
    Placed { unit_price: u32 },
}

fn main() {}
