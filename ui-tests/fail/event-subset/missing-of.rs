include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
enum Mailed {
    LevelledUp,
}

fn main() {}
