include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn second_event_type_of_another_store(filter: castore::consumer::EventTypeFilter<Pokemon>) {
    let _ = filter.event_type(TrainerEventType::Joined);
}

fn main() {}
