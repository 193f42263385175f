include!("../../game/stores.rs");
include!("../../game/audited.rs");

fn given_of_another_type(orders: EventStore<Order>) {
    let _ = orders.with_metadata(|| "ada");
}

fn main() {}
