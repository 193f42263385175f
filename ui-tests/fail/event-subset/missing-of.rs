include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
enum Mailed {
    LeveledUp,
}

fn main() {}
