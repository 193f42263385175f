include!("../../game/stores.rs");

#[channel]
struct GameBus;

fn main() {}
