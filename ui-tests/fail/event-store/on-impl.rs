include!("../../game/stores.rs");

#[derive(Clone)]
struct Order;

#[event_store(id = "ORDERS", event = TrainerEvent)]
impl Order {}

fn main() {}
