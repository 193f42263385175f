include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_type_of_another_store() {
    let _ = Filter::store::<Pokemon>().event_type(TrainerEventType::Joined);
}

fn main() {}
