include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn text_for_a_typed_id_connected(gyms: ConnectedEventStore<Gym, AppBus>) {
    let _ = gyms.get_aggregate("pewter");
}

fn main() {}
