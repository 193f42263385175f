include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn not_an_event_store() {
    let _ = Filter::store::<u32>();
}

fn main() {}
