include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn next_event_of_another_store(pikachu: Aggregate<Pokemon>) {
    let _ = pikachu.next_event(TrainerEvent::Joined);
}

fn main() {}
