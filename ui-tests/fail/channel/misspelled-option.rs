include!("../../game/stores.rs");

message_channel! {
    #[channel(ordr = "per_aggregate")]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
