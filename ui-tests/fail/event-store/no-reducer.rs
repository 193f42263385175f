include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
struct Order;

fn main() {}
