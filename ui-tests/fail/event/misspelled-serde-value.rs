include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[serde(rename_all = "camelcase")]
    Placed { product_id: u32 },
}

fn main() {}
