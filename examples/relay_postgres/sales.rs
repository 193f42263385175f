//! A read model of the orders of each customer.

use castore::postgres::projection::{PostgresProjection, ReadModel, Tables, Transaction};
use castore::postgres::tokio_postgres;
use castore::prelude::*;

use crate::order::{Order, OrderEvent};

pub struct Sales;

impl ReadModel for Sales {
    const NAME: &'static str = "example_sales";
    const VERSION: u32 = 1;
    type Event = EventDetail<Order>;
}

impl PostgresProjection for Sales {
    async fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        let columns = "customer TEXT PRIMARY KEY, orders BIGINT NOT NULL, cents BIGINT NOT NULL";
        transaction.batch_execute(&format!("CREATE TABLE {tables} ({columns})")).await
    }

    async fn apply(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
        event: &Self::Event,
    ) -> Result<(), HandlerError> {
        if let OrderEvent::Placed { customer, cents } = &event.payload {
            let count = transaction
                .prepare_cached(&format!(
                    "INSERT INTO {tables} AS sales VALUES ($1, 1, $2)
                     ON CONFLICT (customer) DO UPDATE SET orders = sales.orders + 1, cents = sales.cents + $2"
                ))
                .await?;
            transaction.execute(&count, &[customer, cents]).await?;
        }
        Ok(())
    }
}

/// Returns the customers, each with the number of orders and the total in cents. The function reads the view, which
/// always shows the rows of the version of the read model that is in use.
pub async fn by_customer(
    storage: &PostgresEventStorageAdapter,
) -> Result<Vec<(String, i64, i64)>, Box<dyn std::error::Error>> {
    let client = storage.pool().get().await?;
    let rows = client.query("SELECT customer, orders, cents FROM example_sales ORDER BY customer", &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect())
}
