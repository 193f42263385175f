include!("../../game/stores.rs");
include!("../../game/wired.rs");

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus],
    consumers: [screen on AppBus, mailer on MailQueue],
}

fn main() {}
