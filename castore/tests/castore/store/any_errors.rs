//! Tests of commands and handlers that fail with `anyhow::Error`, `eyre::Report`, a boxed error, or a text.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;
use castore::command::CommandBackoff;
use castore::consumer::FailureAction;
use castore::prelude::*;
use castore::store::EventAlreadyExists;

use crate::golden::domain::*;
use crate::support::chain;

type BoxError = Box<dyn Error + Send + Sync>;

/// Pushes an event with the number of the attempt as its version. In the first attempt, this version already exists.
async fn push(attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    let version = u64::from(attempts.fetch_add(1, Ordering::SeqCst)) + 1;
    pokemons.push_event(NewEvent::new(PIKACHU, version, appeared("P", 1))).await?;
    Ok(())
}

#[command(id = "ANYHOW", retries = 3, backoff = CommandBackoff::NONE)]
async fn with_anyhow(attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> anyhow::Result<()> {
    push(attempts, pokemons).await.context("cannot push")?;
    Ok(())
}

#[command(id = "EYRE", retries = 3, backoff = CommandBackoff::NONE)]
async fn with_eyre(attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> eyre::Result<()> {
    eyre::WrapErr::wrap_err(push(attempts, pokemons).await, "cannot push")?;
    Ok(())
}

#[command(id = "BOXED", retries = 3, backoff = CommandBackoff::NONE)]
async fn with_box(attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> Result<(), BoxError> {
    push(attempts, pokemons).await?;
    Ok(())
}

#[command(id = "LOCAL", retries = 3, backoff = CommandBackoff::NONE)]
async fn with_local_box(attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> Result<(), Box<dyn Error>> {
    push(attempts, pokemons).await?;
    Ok(())
}

/// A command whose error type, a `Box`, dereferences to an error and also implements `Error` itself.
#[command(id = "CONCRETE", retries = 3, backoff = CommandBackoff::NONE)]
async fn with_boxed_enum(attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> Result<(), Box<PushEventError>> {
    push(attempts, pokemons).await?;
    Ok(())
}

#[command(id = "GENERIC", retries = 3, backoff = CommandBackoff::NONE)]
async fn with_generic<E>(attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> Result<(), E>
where
    E: Error + From<PushEventError> + 'static,
{
    push(attempts, pokemons).await?;
    Ok(())
}

macro_rules! run_again {
    ($($command:expr;)+) => {$(
        let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
        pokemons.push_event(pikachu_appeared()).await.unwrap();
        let attempts = AtomicU32::new(0);
        $command(&attempts, &pokemons).await.unwrap();
        assert_eq!(attempts.load(Ordering::SeqCst), 2, stringify!($command));
    )+};
}

#[tokio::test]
async fn command_finds_the_conflict_in_an_error_of_any_type() {
    run_again! {
        with_anyhow;
        with_eyre;
        with_box;
        with_local_box;
        with_boxed_enum;
        with_generic::<PushEventError>;
    }
}

#[command(id = "OTHER")]
async fn fails_otherwise(attempts: &AtomicU32, _pokemons: &impl Store<Pokemon>) -> anyhow::Result<()> {
    attempts.fetch_add(1, Ordering::SeqCst);
    anyhow::bail!("no such trainer")
}

#[tokio::test]
async fn command_does_not_run_again_after_another_error() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let attempts = AtomicU32::new(0);
    assert_eq!(fails_otherwise(&attempts, &pokemons).await.unwrap_err().to_string(), "no such trainer");
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn stored_event_is_no_conflict_in_an_anyhow_error() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    pokemons.on_event_pushed(|pushed| async move {
        let (event_store_id, aggregate_id) = ("POKEMONS".to_owned(), pushed.event.aggregate_id);
        Err(EventAlreadyExists::new(event_store_id, aggregate_id, 1).into())
    });
    let attempts = AtomicU32::new(0);
    let error = with_anyhow(&attempts, &pokemons).await.unwrap_err();
    assert!(format!("{error:#}").contains("was stored, but not published"), "{error:#}");
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
}

fn from_anyhow() -> Result<(), HandlerError> {
    Err::<(), _>(std::fmt::Error).context("cannot render")?;
    Ok(())
}

fn from_eyre() -> Result<(), HandlerError> {
    eyre::WrapErr::wrap_err(Err::<(), _>(std::fmt::Error), "cannot render")?;
    Ok(())
}

fn from_box() -> Result<(), HandlerError> {
    let failed: Result<(), BoxError> = Err(std::fmt::Error.into());
    failed?;
    Ok(())
}

fn from_text() -> Result<(), HandlerError> {
    Err("no such user".into())
}

fn from_string() -> Result<(), HandlerError> {
    Err(format!("no user {}", 1))?;
    Ok(())
}

fn from_error() -> Result<(), HandlerError> {
    Err(std::fmt::Error)?;
    Ok(())
}

#[test]
fn handler_fails_with_an_error_of_any_type() {
    let texts = [from_anyhow, from_eyre, from_box, from_text, from_string, from_error].map(|handler| {
        let error = handler().unwrap_err();
        assert_eq!(error.action(), FailureAction::Retry);
        chain(&*error.into_source())
    });
    let rendered = std::fmt::Error.to_string();
    assert_eq!(texts[0], ["cannot render", &rendered]);
    assert_eq!(texts[1], ["cannot render", &rendered]);
    assert_eq!(texts[2], [rendered.as_str()]);
    assert_eq!(texts[3], ["no such user"]);
    assert_eq!(texts[4], ["no user 1"]);
    assert_eq!(texts[5], [rendered.as_str()]);
}
