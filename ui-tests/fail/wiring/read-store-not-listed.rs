include!("../../game/stores.rs");
include!("../../game/wired.rs");

wiring! {
    pub struct Game;
    stores: [Pokemon],
    channels: [BackupQueue],
    consumers: [backup on BackupQueue],
    read_models: [Victories],
}

fn main() {}
