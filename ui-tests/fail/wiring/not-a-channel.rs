include!("../../game/stores.rs");
include!("../../game/wired.rs");

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus, Trainer],
    consumers: [screen on AppBus],
}

fn main() {}
