include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
struct Placed {
    product: String,
}

#[derive(Deserialize)]
struct PlacedV1 {
    product: String,
}

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(from("PLACED" = PlacedV1))]
    Placed(Placed),
    Paid,
}

fn main() {}
