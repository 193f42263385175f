#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/audited.rs");

async fn missing(orders: EventStore<Order>) {
    let _ = orders.push_event(NewEvent::new("o-1", 1, OrderEvent::Placed).metadata(Audit::by("ada"))).await;
}

async fn missing_in_generic_code(orders: &impl Store<Order, Metadata = castore::store::GivenByStore>) {
    let _ = orders.push_event(NewEvent::new("o-1", 1, OrderEvent::Placed)).await;
}

async fn missing_on_connected_store(orders: ConnectedEventStore<Order, ShopBus>, event: NewEvent<Order>) {
    let _ = orders.with_metadata(|| Audit::by("ada")).push_event(event).await;
}

async fn missing_in_next_event(orders: castore::AnyEventStore<Order>, order: Aggregate<Order>) {
    let _ = orders.push_event(order.next_event(OrderEvent::Paid).metadata(Audit::by("ada"))).await;
}

async fn missing_in_group(
    pokemons: EventStore<Pokemon>,
    orders: EventStore<Order>,
    appeared: NewEvent<Pokemon>,
    placed: NewEvent<Order>,
) {
    let placed = placed.metadata(Audit::by("ada"));
    let _ = push_event_group((pokemons.group_event(appeared), orders.group_event(placed))).await;
}

mod missing_in_command {
    use super::*;

    #[command(id = "PAY")]
    async fn pay(id: &str, orders: &impl Store<Order>, user: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let order = orders.get_existing_aggregate(id).without_events().await?;
        orders.push_event(order.next_event(OrderEvent::Paid).metadata(Audit::by(user))).await?;
        Ok(())
    }
}

async fn missing_in_transaction<K: 'static>(
    orders: &impl castore::TransactionalStore<Order>,
    placed: NewEvent<Order>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = orders.push_event(placed.metadata(Audit::by("ada"))).within(transaction).await;
}

fn returned_as_event_without() -> NewEvent<Order, castore::event::WithMetadata> {
    NewEvent::new("o-1", 1, OrderEvent::Placed).metadata(Audit::by("ada"))
}

fn given_of_another_type(orders: EventStore<Order>) {
    let _ = orders.with_metadata(|| Audit::by("ada"));
}

mod store_that_gives_none {
    use super::*;

    fn place(_orders: &impl Store<Order, Metadata = castore::store::GivenByStore>) {}

    fn store_that_gives_none(orders: EventStore<Order>) {
        place(&orders.with_metadata(|| Audit::by("ada")));
    }
}

fn main() {}
