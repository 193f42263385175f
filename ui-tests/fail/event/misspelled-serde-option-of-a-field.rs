include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed {
        #[serde(alais = "price")]
        unit_price: u32,
    },
}

fn main() {}
