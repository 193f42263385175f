include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn metadata_of_a_store_without(event: NewEvent<Pokemon>) {
    let _ = event.metadata("storm");
}

fn main() {}
