include!("../../game/stores.rs");

message_channel! {
    #[channel(id = "", ordr = "per_aggregate")]
    type GameBus = NotificationMessageBs<Pokemon, Pokemon>;

    type GameQueue = StateCarryingMessageQueue;
}

fn main() {}
