include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn ungrouped_list(events: Vec<NewEvent<Pokemon>>) {
    let _ = push_event_group(events);
}

fn main() {}
