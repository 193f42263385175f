include!("../../game/stores.rs");

#[event_store(id = "ORDERS", event = TrainerEvent)]
type Order = u32;

fn main() {}
