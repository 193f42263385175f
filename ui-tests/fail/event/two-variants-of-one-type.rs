include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(type = "PAID")]
    Placed,
    #[event(type = "PAID")]
    Paid,
}

fn main() {}
