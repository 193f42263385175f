include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(type = "__REPLAYED__")]
    Placed,
}

fn main() {}
