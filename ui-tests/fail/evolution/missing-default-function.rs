include!("../../game/stores.rs");

fn default_quantity() -> u32 {
    1
}

#[derive(Clone, Event)]
enum OrderEvent {
    Placed {
        product: String,
        #[serde(default = "defualt_quantity")]
        quantity: u32,
    },
}

fn main() {}
