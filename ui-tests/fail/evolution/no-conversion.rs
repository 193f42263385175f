include!("../../game/stores.rs");

#[derive(Deserialize)]
struct PlacedV1 {
    product: String,
}

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from("PLACED" = PlacedV1))]
    Placed { product: String },
    Paid,
}

fn main() {}
