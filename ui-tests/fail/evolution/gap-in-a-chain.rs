include!("../../game/stores.rs");

#[derive(Deserialize)]
struct PlacedV1 {
    product: String,
}

#[derive(Deserialize)]
struct PlacedV2 {
    product: String,
}

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from("PLACED" = PlacedV1 => PlacedV2))]
    Placed { product: String },
    Paid,
}

impl From<PlacedV2> for OrderEvent {
    fn from(old: PlacedV2) -> Self {
        Self::Placed { product: old.product }
    }
}

fn main() {}
