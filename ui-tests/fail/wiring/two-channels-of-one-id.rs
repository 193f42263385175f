include!("../../game/stores.rs");
include!("../../game/wired.rs");

message_channel! {
    #[channel(id = "APP_BUS")]
    pub type OtherBus = NotificationMessageBus<Pokemon>;
}

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus, OtherBus],
    consumers: [screen on AppBus],
    elsewhere: [OtherBus],
}

fn main() {}
