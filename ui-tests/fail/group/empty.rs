include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn empty() {
    let _ = push_event_group(());
}

fn main() {}
