include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[serde(rename = "PLACED")]
    Placed,
}

fn main() {}
