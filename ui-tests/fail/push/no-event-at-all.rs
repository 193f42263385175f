include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn no_event_at_all() {
    let _ = NewEvent::new("pikachu1", 1, "LEVELLED_UP");
}

fn main() {}
