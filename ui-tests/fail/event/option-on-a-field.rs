include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed {
        #[event(type = "cost")]
        price: u32,
    },
}

fn main() {}
