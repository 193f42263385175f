include!("../../game/stores.rs");
include!("../../game/wired.rs");

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus, MailQueue],
    consumers: [screen on AppBus, mailer on MailQueue, archive on MailQueue],
}

fn main() {}
