include!("../../game/stores.rs");

#[event_store(id = "ORDERS", event = TrainerEvent)]
mod order {}

fn main() {}
