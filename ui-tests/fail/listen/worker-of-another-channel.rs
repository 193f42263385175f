include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn worker_of_another_channel(queue: InMemoryMessageQueueAdapter<AppQueue>) {
    queue.worker(|_: ReceivedMessage<MessageOf<PokemonQueue>>, _| async { Ok(()) });
}

fn main() {}
