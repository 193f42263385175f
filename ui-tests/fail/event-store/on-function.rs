include!("../../game/stores.rs");

#[event_store(id = "ORDERS", event = TrainerEvent)]
fn order() {}

fn main() {}
