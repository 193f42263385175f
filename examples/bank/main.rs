//! A bank: accounts, transfers between them, and statements.
//!
//! ```text
//! cargo run --example bank
//! ```
//!
//! Many transfers run concurrently on a few accounts. For each transfer, the program atomically stores a group of three
//! events: one event of each of the two accounts, and one of the transfer itself. After a version conflict, the command
//! reads the accounts again and repeats its decision. At the end, no account is overdrawn and no cent is lost.
//!
//! * `account.rs`, `transfer.rs`: the domain, with typed ids
//! * `commands.rs`: the commands of the customers, and their tests
//! * `statements.rs`: a read model, fed by a queue whose messages contain the account
#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod account;
mod commands;
mod money;
mod statements;
mod transfer;

use std::error::Error;
use std::process::ExitCode;

use castore::command::find_event_already_exists;
use castore::prelude::*;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::account::{Account, AccountId};
use crate::commands::{Deposit, MakeTransfer, OpenAccount, TransferError, deposit, make_transfer, open_account};
use crate::money::Amount;
use crate::statements::{StatementQueue, StatementQueueSources, Statements};
use crate::transfer::Transfer;

const CUSTOMERS: [&str; 6] = ["Ada", "Barbara", "Edsger", "Grace", "Niklaus", "Tony"];
const START: Amount = Amount::from_cents(10_000);
const TELLERS: u64 = 16;
const TRANSFERS_EACH: u64 = 20;

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
    let storage = SqliteEventStorageAdapter::open_in_memory().await?;
    let accounts = EventStore::<Account>::new(storage.clone());
    let queue = StatementQueue::new(StatementQueueSources { account: accounts.clone() });
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    let statements = Statements::work_for(&worker);
    // From now on, all events of accounts are published on the queue, so the statements are complete.
    let accounts = accounts.connect(queue);
    let transfers = EventStore::<Transfer>::new(storage.clone());

    let mut ids = Vec::new();
    for (number, owner) in (1..).zip(CUSTOMERS) {
        let id = AccountId::new(number);
        open_account(&OpenAccount { id, owner: owner.to_owned() }, &accounts).await?;
        deposit(&Deposit { id, amount: START, by: owner.to_owned() }, &accounts).await?;
        ids.push(id);
    }
    println!("{} accounts with {START} each", ids.len());

    let tally = many_transfers(&accounts, &transfers, &ids).await?;
    let Tally { made, refused, given_up } = tally;
    println!("{} transfers at the same time by {TELLERS} tellers:", TELLERS * TRANSFERS_EACH);
    println!("  {made} made, {refused} rejected for lack of funds, {given_up} given up after repeated conflicts");
    println!("  {} version conflicts", commands::conflicts());

    worker.idle().await;
    let mut total = Amount::ZERO;
    for id in &ids {
        let account = accounts.get_existing_aggregate(id).without_events().await?;
        println!("  {id} {:<8} {:>8}", account.owner, account.balance.to_string());
        total = total.checked_add(account.balance).ok_or("the total amount of money overflows")?;
        assert_eq!(statements.balance(*id), Some(account.balance), "the statement of {id} is not up to date");
    }
    assert_eq!(Some(total), START.checked_mul(ids.len() as u64), "the total amount of money has changed");
    println!("no cent was lost: {total} in total");

    println!("\nthe last lines of the statement of {}:", ids[0]);
    for line in statements.latest(ids[0], 5) {
        println!("  {line}");
    }
    worker.shutdown().await;
    storage.shutdown().await;
    Ok(())
}

#[derive(Debug, Default)]
struct Tally {
    made: u64,
    refused: u64,
    given_up: u64,
}

async fn many_transfers(
    accounts: &impl Store<Account>,
    transfers: &impl Store<Transfer>,
    ids: &[AccountId],
) -> Result<Tally, TransferError> {
    let mut tellers = JoinSet::new();
    for teller in 0..TELLERS {
        let (accounts, transfers, ids) = (accounts.clone(), transfers.clone(), ids.to_vec());
        tellers.spawn(async move {
            let mut outcomes = Vec::new();
            for turn in 0..TRANSFERS_EACH {
                let input = some_transfer(teller * TRANSFERS_EACH + turn, &ids);
                outcomes.push(make_transfer(&input, &accounts, &transfers).await);
            }
            outcomes
        });
    }
    let mut tally = Tally::default();
    for outcome in tellers.join_all().await.into_iter().flatten() {
        match outcome {
            Ok(()) => tally.made += 1,
            Err(TransferError::NotEnoughMoney { .. }) => tally.refused += 1,
            // All attempts of the command had a version conflict.
            Err(error) if find_event_already_exists(&error).is_some() => tally.given_up += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(tally)
}

/// Returns a transfer between two accounts. Some transfers exceed the balance.
fn some_transfer(number: u64, ids: &[AccountId]) -> MakeTransfer {
    let dice = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let count = ids.len() as u64;
    let from = dice % count;
    let to = (from + 1 + dice / count % (count - 1)) % count;
    MakeTransfer {
        id: Uuid::new_v4(),
        from: ids[from as usize],
        to: ids[to as usize],
        amount: Amount::from_cents(100 + dice / 64 % 9_000),
        by: format!("teller {}", number / TRANSFERS_EACH + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfers_are_between_different_accounts() {
        let ids: Vec<_> = (1..=6).map(AccountId::new).collect();
        for number in 0..1000 {
            let transfer = some_transfer(number, &ids);
            assert_ne!(transfer.from, transfer.to);
        }
    }

    /// `run` checks the totals with assertions.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn total_amount_does_not_change() {
        run().await.unwrap();
    }
}
