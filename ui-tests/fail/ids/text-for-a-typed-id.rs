include!("../../game/stores.rs");

fn text_for_a_typed_id(gyms: EventStore<Gym>) {
    let _ = gyms.get_aggregate("pewter");
}

fn main() {}
