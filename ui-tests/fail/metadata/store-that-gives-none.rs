include!("../../game/stores.rs");
include!("../../game/audited.rs");

fn place(_orders: &impl Store<Order, Metadata = castore::store::GivenByStore>) {}

fn store_that_gives_none(orders: EventStore<Order>) {
    place(&orders);
}

fn main() {}
