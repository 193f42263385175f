//! Accounts: event store `ACCOUNTS`.

use std::fmt;
use std::str::FromStr;

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::money::Amount;

/// An account id, for example `AC-000042`. Texts in other forms are rejected, and ids of other types do not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AccountId(u32);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an account id; write an id such as AC-000042")]
pub struct ParseAccountIdError;

impl AccountId {
    pub const fn new(number: u32) -> Self {
        Self(number)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AC-{:06}", self.0)
    }
}

impl FromStr for AccountId {
    type Err = ParseAccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_prefix("AC-").and_then(|digits| digits.parse().ok()).ok_or(ParseAccountIdError)?;
        // Each account has exactly one valid id: `AC-1` is rejected, although it has the number of `AC-000001`.
        if Self(number).to_string() == text { Ok(Self(number)) } else { Err(ParseAccountIdError) }
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for AccountId {
    type Error = ParseAccountIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// An event of an account.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all_fields = "camelCase")]
pub enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: Amount },
    MoneySent { transfer_id: Uuid, to: AccountId, amount: Amount },
    MoneyReceived { transfer_id: Uuid, from: AccountId, amount: Amount },
}

/// The user who requested the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedBy {
    pub by: String,
}

/// An account at a point in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "ACCOUNTS", event = AccountEvent, metadata = AskedBy, aggregate_id = AccountId)]
pub struct Account {
    pub owner: String,
    pub balance: Amount,
}

/// The reducer enforces the rule that no account is overdrawn: a push that would overdraw an account is rejected, and
/// its event is not stored.
impl Reducer for Account {
    fn reduce(account: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let balance = match (&account, &event.payload) {
            (None, AccountEvent::Opened { .. }) => Some(Amount::ZERO),
            (Some(account), AccountEvent::Deposited { amount } | AccountEvent::MoneyReceived { amount, .. }) => {
                account.balance.checked_add(*amount)
            }
            (Some(account), AccountEvent::MoneySent { amount, .. }) => account.balance.checked_sub(*amount),
            _ => return Err(event.unexpected()),
        };
        let balance = balance.ok_or_else(|| ReduceError::new(event, "the balance would be out of bounds"))?;
        Ok(match (account, &event.payload) {
            (Some(account), _) => Account { balance, ..account },
            (None, AccountEvent::Opened { owner }) => Account { owner: owner.clone(), balance },
            (None, _) => return Err(event.unexpected()),
        })
    }
}

#[cfg(test)]
mod tests {
    use castore::testing::given;

    use super::*;

    fn opened() -> AccountEvent {
        AccountEvent::Opened { owner: "Ada".into() }
    }

    fn deposited(cents: u64) -> AccountEvent {
        AccountEvent::Deposited { amount: Amount::from_cents(cents) }
    }

    fn sent(cents: u64) -> AccountEvent {
        let (transfer_id, to) = (Uuid::nil(), AccountId::new(2));
        AccountEvent::MoneySent { transfer_id, to, amount: Amount::from_cents(cents) }
    }

    #[test]
    fn deposits_and_withdrawals_change_the_balance() {
        given::<Account>([opened(), deposited(500)])
            .aggregate_id(AccountId::new(1))
            .when(sent(500))
            .then(Account { owner: "Ada".into(), balance: Amount::ZERO });
    }

    #[test]
    fn account_cannot_be_overdrawn() {
        let refused =
            given::<Account>([opened(), deposited(500)]).aggregate_id(AccountId::new(1)).when(sent(501)).then_refused();
        assert_eq!(refused.reason.to_string(), "the balance would be out of bounds");
    }

    #[test]
    fn account_is_opened_once_and_first() {
        let id = AccountId::new(1);
        given::<Account>([]).aggregate_id(id).when(deposited(1)).then_refused();
        given::<Account>([opened()]).aggregate_id(id).when(opened()).then_refused();
    }

    #[test]
    fn account_id_has_one_text() {
        assert_eq!("AC-000042".parse(), Ok(AccountId::new(42)));
        for text in ["", "42", "AC-42", "AC-+00042", "ac-000042", "AC-99999999999"] {
            assert_eq!(text.parse::<AccountId>(), Err(ParseAccountIdError), "{text}");
        }
    }
}
