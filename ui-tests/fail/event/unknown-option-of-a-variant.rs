include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(name = "PLACED")]
    Placed,
}

fn main() {}
