include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn payload_of_another_store_named() {
    let _ = NewEvent::<Pokemon>::new("pikachu1", 1, TrainerEvent::Joined);
}

fn main() {}
