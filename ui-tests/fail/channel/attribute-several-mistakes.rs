include!("../../game/stores.rs");

#[channel(id = "", ordr = "per_aggregate", message = GameBus)]
type GameBus = NotificationMessageBs<Pokemon, Pokemon>;

fn main() {}
