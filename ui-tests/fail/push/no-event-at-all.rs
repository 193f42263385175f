include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn no_event_at_all() {
    let _ = NewEvent::new("pikachu1", 1, "LEVELED_UP");
}

fn main() {}
