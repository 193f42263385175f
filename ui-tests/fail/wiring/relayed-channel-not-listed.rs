include!("../../game/stores.rs");
include!("../../game/wired.rs");

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus],
    consumers: [screen on AppBus],
    relays: ["MAIL" publishes MailQueue],
}

fn main() {}
