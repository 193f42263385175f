include!("../../game/stores.rs");
include!("../../game/wired.rs");

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    chanels: [AppBus],
    consumers: [screen on AppBus],
}

fn main() {}
