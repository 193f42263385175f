include!("../../game/stores.rs");

#[derive(Deserialize)]
struct PlacedV1 {
    product: String,
}

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from("PLACED" = PlacdV1))]
    Placed { product: String },
    Paid,
}

impl From<PlacedV1> for OrderEvent {
    fn from(old: PlacedV1) -> Self {
        Self::Placed { product: old.product }
    }
}

fn main() {}
