//! Transfers: event store `TRANSFERS`. A transfer has one event. The caller creates the id of the transfer, so a
//! repeated request is executed only once.

use castore::prelude::*;
use uuid::Uuid;

use crate::account::AccountId;
use crate::money::Amount;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransferEvent {
    Made { from: AccountId, to: AccountId, amount: Amount },
}

/// A completed transfer.
#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "TRANSFERS", event = TransferEvent, aggregate_id = Uuid)]
pub struct Transfer {
    pub from: AccountId,
    pub to: AccountId,
    pub amount: Amount,
}

impl Reducer for Transfer {
    fn reduce(transfer: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (transfer, &event.payload) {
            (None, TransferEvent::Made { from, to, amount }) => Ok(Transfer { from: *from, to: *to, amount: *amount }),
            _ => Err(event.unexpected()),
        }
    }
}
