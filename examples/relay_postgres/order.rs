//! An order, from its placement to its shipment.

use castore::prelude::*;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderEvent {
    Placed { customer: String, cents: i64 },
    Shipped,
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "ORDERS", event = OrderEvent)]
pub struct Order {
    pub customer: String,
    pub shipped: bool,
}

impl Reducer for Order {
    fn reduce(order: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(match (order, &event.payload) {
            (None, OrderEvent::Placed { customer, .. }) => Order { customer: customer.clone(), shipped: false },
            (Some(order), OrderEvent::Shipped) if !order.shipped => Order { shipped: true, ..order },
            (_, _) => return Err(event.unexpected()),
        })
    }
}
