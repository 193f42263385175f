include!("../../game/stores.rs");
include!("../../game/wired.rs");

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus, BackupQueue],
    consumers: [screen on AppBus, backup on BackupQueue inorder],
}

fn main() {}
