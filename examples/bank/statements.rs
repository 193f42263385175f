//! Statements: the events of each account, with the balance after each event.
//!
//! The messages of the queue contain the account after the event, so the worker does not need to compute the balance.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use castore::prelude::*;

use crate::account::{Account, AccountEvent, AccountId};
use crate::money::Amount;

message_channel! {
    /// Events of accounts, each with the state of the account after the event.
    #[channel(order = "per_aggregate")]
    pub type StatementQueue = StateCarryingMessageQueue<Account>;
}

#[derive(Debug, Clone, Default)]
pub struct Statements {
    /// Lines by account and version. Messages may arrive in another order than the events were stored, because two
    /// tellers publish concurrently, and may arrive twice. Therefore the version of the event determines the position
    /// of a line.
    lines: Arc<Mutex<BTreeMap<AccountId, BTreeMap<u64, Line>>>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    text: String,
    balance: Amount,
}

impl Statements {
    pub fn work_for(queue: &InMemoryMessageQueueAdapter<StatementQueue>) -> Self {
        let statements = Self::default();
        let writer = statements.clone();
        queue.worker(move |message, _context| {
            let StatementQueueMessage::Account(message) = &*message;
            writer.write(message);
            async { Ok(()) }
        });
        statements
    }

    fn write(&self, message: &StateCarryingMessage<Account>) {
        let StateCarryingMessage { event, aggregate } = message;
        let text = match &event.payload {
            AccountEvent::Opened { owner } => format!("opened by {owner}"),
            AccountEvent::Deposited { amount } => format!("+{amount} paid in"),
            AccountEvent::MoneySent { to, amount, .. } => format!("-{amount} to {to}"),
            AccountEvent::MoneyReceived { from, amount, .. } => format!("+{amount} from {from}"),
        };
        let line = Line { text, balance: aggregate.balance };
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(event.aggregate_id).or_default().insert(event.version, line);
    }

    /// Returns the balance in the last line of an account's statement.
    pub fn balance(&self, id: AccountId) -> Option<Amount> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.get(&id)?.last_key_value().map(|(_, line)| line.balance)
    }

    /// Returns the last `count` lines of an account's statement.
    pub fn latest(&self, id: AccountId, count: usize) -> Vec<Line> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lines) = lines.get(&id) else { return Vec::new() };
        lines.values().skip(lines.len().saturating_sub(count)).cloned().collect()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<24} {:>8}", self.text, self.balance.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(version: u64, payload: AccountEvent, cents: u64) -> StateCarryingMessage<Account> {
        let aggregate_id = AccountId::new(1);
        let timestamp = "2024-01-01".parse().unwrap();
        let state = Account { owner: "Ada".into(), balance: Amount::from_cents(cents) };
        StateCarryingMessage {
            event: EventDetail::new(aggregate_id, version, timestamp, payload),
            aggregate: Aggregate { aggregate_id, version, state },
        }
    }

    #[test]
    fn lines_are_sorted_and_deduplicated_by_version() {
        let opened = message(1, AccountEvent::Opened { owner: "Ada".into() }, 0);
        let deposited = message(2, AccountEvent::Deposited { amount: Amount::from_cents(500) }, 500);
        let statements = Statements::default();
        for message in [&deposited, &opened, &deposited] {
            statements.write(message);
        }
        let id = AccountId::new(1);
        let texts: Vec<_> = statements.latest(id, 9).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["opened by Ada", "+5.00 paid in"]);
        assert_eq!(statements.balance(id), Some(Amount::from_cents(500)));
        assert_eq!(statements.latest(id, 1).len(), 1);
    }
}
