include!("../../game/stores.rs");
include!("../../game/audited.rs");

async fn missing_in_transaction<K: 'static>(
    orders: &impl castore::TransactionalStore<Order>,
    placed: NewEvent<Order>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = orders.push_event(placed).within(transaction).await;
}

fn main() {}
