include!("../../game/stores.rs");

fn text_for_a_typed_id_of_get_existing_aggregate(gyms: EventStore<Gym>) {
    let _ = gyms.get_existing_aggregate("pewter");
}

fn main() {}
