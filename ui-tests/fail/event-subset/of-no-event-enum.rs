include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(of = Pokemon)]
enum Mailed {
    LeveledUp,
}

fn main() {}
