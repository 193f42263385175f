include!("../../game/stores.rs");

#[derive(Clone, Serialize, Deserialize)]
struct Customer;

message_channel! {
    type GameBus = StateCarryingMessageBus<Pokemon, Customer>;
}

fn main() {}
