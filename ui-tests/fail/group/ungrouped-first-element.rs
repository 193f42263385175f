include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn ungrouped_first_element(trainers: EventStore<Trainer>, a: NewEvent<Pokemon>, b: NewEvent<Trainer>) {
    let _ = push_event_group((a, trainers.group_event(b)));
}

fn main() {}
