include!("../../game/stores.rs");

#[derive(Deserialize)]
struct PlacedV1 {
    product: String,
}

#[derive(Clone, Event)]
#[event(from("PLACED" = PlacedV1))]
enum OrderEvent {
    Placed { product: String },
    Paid,
}

fn main() {}
