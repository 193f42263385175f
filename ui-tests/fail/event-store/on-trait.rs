include!("../../game/stores.rs");

#[event_store(id = "ORDERS", event = TrainerEvent)]
trait Order {}

fn main() {}
