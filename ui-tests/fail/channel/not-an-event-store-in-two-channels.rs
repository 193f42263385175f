include!("../../game/stores.rs");

struct Customer;

message_channel! {
    type GameBus = NotificationMessageBus<Customer>;
    type GameQueue = NotificationMessageQueue<Pokemon, Customer>;
}

fn main_program(pokemons: EventStore<Pokemon>, game_queue: GameQueue) {
    InMemoryMessageQueueAdapter::attach_to(&game_queue);
    let _ = pokemons.connect(game_queue);
}

fn main() {}
