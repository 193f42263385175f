include!("../../game/stores.rs");
include!("../../game/wired.rs");

pub fn level_up() {}

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus],
    consumers: [screen on AppBus],
    commands: [level_up],
}

fn main() {}
