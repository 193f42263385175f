include!("../../game/stores.rs");
include!("../../game/audited.rs");

#[command(id = "PAY")]
async fn pay(id: &str, orders: &impl Store<Order>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let order = orders.get_existing_aggregate(id).without_events().await?;
    orders.push_event(order.next_event(OrderEvent::Paid)).await?;
    Ok(())
}

fn main() {}
