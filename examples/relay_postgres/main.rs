//! A shop on Postgres: orders, a relay whose worker sends mails, and a read model.
//!
//! ```text
//! DATABASE_URL="host=localhost user=postgres dbname=postgres" cargo run --example relay_postgres --features postgres
//! ```
//!
//! The example needs Postgres 15 or later and a user who may create tables in the schema `public`. The tables are named
//! `castore_example_event` and `example_sales…`. A second run continues with the stored events. If the program is
//! killed and started again, a mail is still sent for every placed order, and the read model counts each order once.
#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]

mod order;
mod sales;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use castore::channel::InlineMessageQueueAdapter;
use castore::prelude::*;
use castore::projection::ProjectionOptions;
use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};
use uuid::Uuid;

use crate::order::{Order, OrderEvent};
use crate::sales::Sales;

message_channel! {
    /// Orders for the mail worker. Messages of an order stay in order, also during retries.
    #[channel(order = "per_aggregate")]
    pub type MailQueue = NotificationMessageQueue<Order>;
}

const SOON: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", castore::error::error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "set DATABASE_URL, for example to \"host=localhost user=postgres dbname=postgres\"")?;
    let storage = PostgresEventStorageAdapter::builder().table("castore_example_event").connect(&url).await?;
    storage.create_event_table().await?;

    let queue = MailQueue::new();
    // There is no broker: the relay itself runs the worker, at least once for each event.
    queue.set_adapter(InlineMessageQueueAdapter::<MailQueue>::new(|message, _context| async move {
        let MailQueueMessage::Order(message) = &*message;
        match &message.event.payload {
            OrderEvent::Placed { customer, .. } => println!("mail to {customer}: thank you for your order"),
            OrderEvent::Shipped => println!("mail: order {} is on its way", message.event.aggregate_id),
        }
        Ok(())
    }));

    // A push stores the event and wakes up the relay. Recently used orders are cached in memory.
    let orders = EventStore::<Order>::new(storage.clone())
        .with_snapshots(Snapshots::new(InMemorySnapshotAdapter::with_capacity(1_000)))
        .connect_via_relay(queue.clone());

    let relay = Relay::builder(queue)
        .name("castore_example_mails")
        .publish(&orders)
        .start(storage.clone(), RelayStart::Beginning)
        .await?;
    let sales = storage.read_models().start(Sales, storage.clone(), ProjectionOptions::default()).await?;

    for (customer, cents) in [("Ada", 1_250), ("Grace", 8_000), ("Ada", 400)] {
        let placed = OrderEvent::Placed { customer: customer.to_owned(), cents };
        orders.push_event(NewEvent::new(Uuid::new_v4().to_string(), 1, placed)).await?;
    }
    let id = Uuid::new_v4().to_string();
    let placed = OrderEvent::Placed { customer: "Grace".to_owned(), cents: 99 };
    orders.push_event(NewEvent::new(&id, 1, placed)).await?;
    let order = orders.get_existing_aggregate(&id).without_events().await?;
    let shipped = orders.push_event(order.next_event(OrderEvent::Shipped)).await?;

    // Waits until the read model and the worker have processed the last event.
    let position = shipped.position.ok_or("no position")?;
    sales.wait_for(position, SOON).await?;
    relay.wait_for(position, SOON).await?;
    for (customer, orders, cents) in sales::by_customer(&storage).await? {
        println!("{customer}: {orders} orders, {cents} cents");
    }
    let status = relay.status();
    println!("the relay is {:?} positions behind, {} aggregates are parked", status.lag(), status.parked);

    sales.shutdown().await?;
    relay.shutdown().await?;
    storage.close();
    Ok(())
}
