include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(type = "Paid")]
    Placed,
    Paid,
}

fn main() {}
