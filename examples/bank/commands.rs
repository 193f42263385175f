//! The commands of the bank's customers.

use std::sync::atomic::{AtomicU64, Ordering};

use castore::prelude::*;
use uuid::Uuid;

use crate::account::{Account, AccountEvent, AccountId, AskedBy};
use crate::money::Amount;
use crate::transfer::{Transfer, TransferEvent};

#[derive(Debug, Clone)]
pub struct OpenAccount {
    pub id: AccountId,
    pub owner: String,
}

/// Opens an account. The command needs neither a read nor retries: if an account has this id, version 1 exists, and the
/// push fails.
#[command(id = "OPEN_ACCOUNT", retries = 0)]
pub async fn open_account(input: &OpenAccount, accounts: &impl Store<Account>) -> Result<(), PushEventError> {
    let opened = NewEvent::new(input.id, 1, AccountEvent::Opened { owner: input.owner.clone() });
    accounts.push_event(opened.metadata(AskedBy { by: input.owner.clone() })).await?;
    Ok(())
}

#[derive(Debug, Clone)]
pub struct Deposit {
    pub id: AccountId,
    pub amount: Amount,
    pub by: String,
}

#[derive(Debug, thiserror::Error)]
pub enum DepositError {
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
}

/// Deposits money.
#[command(id = "DEPOSIT", retries = 20, on_event_already_exists = count_conflict)]
pub async fn deposit(input: &Deposit, accounts: &impl Store<Account>) -> Result<(), DepositError> {
    let account = accounts.get_existing_aggregate(input.id).without_events().await?;
    let deposited = account.next_event(AccountEvent::Deposited { amount: input.amount });
    accounts.push_event(deposited.metadata(AskedBy { by: input.by.clone() })).await?;
    Ok(())
}

#[derive(Debug, Clone)]
pub struct MakeTransfer {
    /// The id of the transfer. The caller creates this id: if a request is repeated with the same id, the transfer is
    /// not repeated.
    pub id: Uuid,
    pub from: AccountId,
    pub to: AccountId,
    pub amount: Amount,
    pub by: String,
}

#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("account {from} has {balance}, which is less than {amount}")]
    NotEnoughMoney { from: AccountId, balance: Amount, amount: Amount },
    #[error("a transfer needs two different accounts")]
    SameAccount,
    #[error("the amount of a transfer must be greater than 0")]
    NothingToTransfer,
    #[error("transfer {0} was already made")]
    MadeAlready(Uuid),
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
}

/// Transfers money. The command stores three events atomically: one event of each account, and one of the transfer.
///
/// If an account or the transfer has changed since it was read, nothing is stored, and the command runs again.
#[command(id = "MAKE_TRANSFER", retries = 20, on_event_already_exists = count_conflict)]
pub async fn make_transfer(
    input: &MakeTransfer,
    accounts: &impl Store<Account>,
    transfers: &impl Store<Transfer>,
) -> Result<(), TransferError> {
    let MakeTransfer { id, from, to, amount, .. } = *input;
    if from == to {
        return Err(TransferError::SameAccount);
    }
    if amount == Amount::ZERO {
        return Err(TransferError::NothingToTransfer);
    }
    if transfers.get_aggregate(id).without_events().await?.is_some() {
        return Err(TransferError::MadeAlready(id));
    }
    let sender = accounts.get_existing_aggregate(from).without_events().await?;
    let receiver = accounts.get_existing_aggregate(to).without_events().await?;
    if sender.balance < amount {
        return Err(TransferError::NotEnoughMoney { from, balance: sender.balance, amount });
    }
    let asked_by = AskedBy { by: input.by.clone() };
    let sent = sender.next_event(AccountEvent::MoneySent { transfer_id: id, to, amount });
    let received = receiver.next_event(AccountEvent::MoneyReceived { transfer_id: id, from, amount });
    push_event_group((
        transfers.group_event(NewEvent::new(id, 1, TransferEvent::Made { from, to, amount })),
        accounts.group_event(sent.metadata(asked_by.clone())),
        accounts.group_event(received.metadata(asked_by)),
    ))
    .await?;
    Ok(())
}

static CONFLICTS: AtomicU64 = AtomicU64::new(0);

/// Counts a conflict. A real program would use its metrics library instead.
async fn count_conflict(_conflict: &EventAlreadyExists, _attempt: u32, _retries_left: u32) {
    CONFLICTS.fetch_add(1, Ordering::Relaxed);
}

/// Returns the number of version conflicts.
pub fn conflicts() -> u64 {
    CONFLICTS.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use castore::testing::{FaultyEventStorageAdapter, Scenario};

    use super::*;

    const ADA: AccountId = AccountId::new(1);
    const TONY: AccountId = AccountId::new(2);

    fn cents(cents: u64) -> Amount {
        Amount::from_cents(cents)
    }

    fn opened(owner: &str) -> AccountEvent {
        AccountEvent::Opened { owner: owner.into() }
    }

    fn of(amount: Amount) -> MakeTransfer {
        MakeTransfer { id: Uuid::from_u128(7), from: ADA, to: TONY, amount, by: "Ada".into() }
    }

    /// Returns a scenario in which Ada has 5.00 and Tony has 0.00.
    async fn scenario() -> Scenario {
        let scenario = Scenario::new();
        scenario.given::<Account>(ADA, [opened("Ada"), AccountEvent::Deposited { amount: cents(500) }]).await;
        scenario.given::<Account>(TONY, [opened("Tony")]).await;
        scenario
    }

    async fn refused(input: MakeTransfer) -> TransferError {
        let scenario = scenario().await;
        let (accounts, transfers) = (scenario.store::<Account>(), scenario.store::<Transfer>());
        scenario.when(make_transfer(&input, &accounts, &transfers)).await.then_no_events().then_err()
    }

    #[tokio::test]
    async fn an_account_is_opened_once() {
        let scenario = scenario().await;
        let accounts = scenario.store::<Account>();
        let again = OpenAccount { id: ADA, owner: "Barbara".into() };
        let error = scenario.when(open_account(&again, &accounts)).await.then_no_events().then_err();
        assert!(matches!(error, PushEventError::EventAlreadyExists(_)), "{error}");
    }

    #[tokio::test]
    async fn deposit_needs_an_existing_account() {
        let scenario = scenario().await;
        let accounts = scenario.store::<Account>();
        let input = Deposit { id: TONY, amount: cents(5), by: "Tony".into() };
        let outcome = scenario.when(deposit(&input, &accounts)).await;
        outcome.then_events::<Account>([(TONY, AccountEvent::Deposited { amount: cents(5) })]).then_ok();
        let input = Deposit { id: AccountId::new(3), ..input };
        let error = scenario.when(deposit(&input, &accounts)).await.then_no_events().then_err();
        assert_eq!(error.to_string(), "Unable to find aggregate AC-000003 in event store ACCOUNTS.");
    }

    #[tokio::test]
    async fn transfer_changes_both_accounts() {
        let scenario = scenario().await;
        let (accounts, transfers) = (scenario.store::<Account>(), scenario.store::<Transfer>());
        let input = of(cents(500));
        let (transfer_id, amount) = (input.id, input.amount);
        scenario
            .when(make_transfer(&input, &accounts, &transfers))
            .await
            .then_events::<Transfer>([(transfer_id, TransferEvent::Made { from: ADA, to: TONY, amount })])
            .then_events::<Account>([
                (ADA, AccountEvent::MoneySent { transfer_id, to: TONY, amount }),
                (TONY, AccountEvent::MoneyReceived { transfer_id, from: ADA, amount }),
            ])
            .then_ok();
        let events = accounts.get_events(ADA).min_version(3).await.unwrap();
        assert_eq!(events[0].metadata, Some(AskedBy { by: "Ada".into() }));
    }

    #[tokio::test]
    async fn no_account_is_overdrawn() {
        let error = refused(of(cents(501))).await;
        assert_eq!(error.to_string(), "account AC-000001 has 5.00, which is less than 5.01");
    }

    #[tokio::test]
    async fn a_transfer_needs_two_accounts_and_money() {
        assert!(matches!(refused(of(Amount::ZERO)).await, TransferError::NothingToTransfer));
        assert!(matches!(refused(MakeTransfer { to: ADA, ..of(cents(1)) }).await, TransferError::SameAccount));
        let nowhere = MakeTransfer { to: AccountId::new(3), ..of(cents(1)) };
        assert!(matches!(refused(nowhere).await, TransferError::Read(EventStoreError::AggregateNotFound(_))));
    }

    #[tokio::test]
    async fn repeated_transfer_is_made_once() {
        let scenario = scenario().await;
        let (accounts, transfers) = (scenario.store::<Account>(), scenario.store::<Transfer>());
        let input = of(cents(100));
        make_transfer(&input, &accounts, &transfers).await.unwrap();
        let error = scenario.when(make_transfer(&input, &accounts, &transfers)).await.then_no_events().then_err();
        assert!(matches!(error, TransferError::MadeAlready(id) if id == input.id));
    }

    /// If the response of the storage is lost, the caller does not know whether the events are stored. Repeating the
    /// request is safe.
    #[tokio::test]
    async fn transfer_with_lost_response_can_be_repeated() {
        let storage = FaultyEventStorageAdapter::new(InMemoryEventStorageAdapter::new());
        let accounts = EventStore::<Account>::new(storage.clone());
        let transfers = EventStore::<Transfer>::new(storage.clone());
        for (id, owner) in [(ADA, "Ada"), (TONY, "Tony")] {
            open_account(&OpenAccount { id, owner: owner.into() }, &accounts).await.unwrap();
        }
        deposit(&Deposit { id: ADA, amount: cents(500), by: "Ada".into() }, &accounts).await.unwrap();
        storage.lose_response_of_push(4);
        let input = of(cents(100));
        let error = make_transfer(&input, &accounts, &transfers).await.unwrap_err();
        assert!(matches!(error, TransferError::Push(PushEventError::Storage { .. })), "{error}");
        let error = make_transfer(&input, &accounts, &transfers).await.unwrap_err();
        assert!(matches!(error, TransferError::MadeAlready(_)), "{error}");
        let ada = accounts.get_existing_aggregate(ADA).without_events().await.unwrap();
        assert_eq!(ada.balance, cents(400));
    }
}
