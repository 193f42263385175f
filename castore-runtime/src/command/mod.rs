//! Retries of commands after a version conflict: the settings, and the items that `#[command]` uses at run time.

mod backoff;
mod meter;
mod outcome;
mod retries;
mod types;

use std::error::Error;
use std::future::Future;

use castore_core::storage::EventAlreadyExists;
use tracing::Instrument as _;
use tracing::instrument::Instrumented;

use crate::event_store::{AfterPushFailure, AfterPushStep, StoredButNotPublished};

pub use backoff::CommandBackoff;
pub use meter::with_meter;
pub use outcome::{CommandOutcome, DynError, ErrorOutcome};
pub use retries::with_retries;
pub use types::{CommandResult, CommandTypes};

/// An error type of a command that implements [`Error`]. Commands may also return error types that can hold any error
/// and therefore do not implement [`Error`]: `anyhow::Error`, `eyre::Report` and `Box<dyn Error + Send + Sync>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a command",
    label = "not an error type",
    note = "the error type of a command must implement `std::error::Error`, or be `anyhow::Error`, `eyre::Report` or `Box<dyn Error + Send + Sync>`, so that a conflict with another writer is found among its sources"
)]
pub trait CommandError: Error + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Error + 'static> CommandError for E {}

/// Returns the version conflict that caused an error, if there is one. Searches the error itself and its sources.
///
/// Returns `None` for the error of an event that *is* stored but was not published, because a retry would push the
/// event twice. This is also the case if publishing failed because of another conflict.
///
/// The conflict is not found if an error type wraps `EventAlreadyExists` directly with thiserror's
/// `#[error(transparent)]`. Wrap the [`PushEventError`](crate::event_store::PushEventError) instead, or give the error
/// type its own error text and mark the field with `#[source]` or `#[from]`.
pub fn find_event_already_exists<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e EventAlreadyExists> {
    let mut next = Some(error);
    while let Some(error) = next {
        // The failures are checked, too: if an error wraps `StoredButNotPublished` transparently, the first of its
        // sources is an `AfterPushFailure`.
        if error.is::<StoredButNotPublished>() || error.is::<AfterPushFailure>() || error.is::<AfterPushStep>() {
            return None;
        }
        if let Some(conflict) = error.downcast_ref() {
            return Some(conflict);
        }
        next = error.source();
    }
    None
}

/// A counter for the attempts of one call of a command.
#[doc(hidden)]
#[derive(Debug)]
pub struct CommandAttempts {
    command_id: &'static str,
    attempt: u32,
    retries_left: u32,
    backoff: CommandBackoff,
}

/// A version conflict in one attempt of a command.
#[doc(hidden)]
#[derive(Debug)]
pub struct Conflict<'e> {
    pub error: &'e EventAlreadyExists,
    /// The number of the attempt, counted from 1.
    pub attempt: u32,
    /// The number of retries that are left.
    pub retries_left: u32,
}

impl CommandAttempts {
    pub fn new(command_id: &'static str, retries: u32) -> Self {
        let retries_left = retries::of_call().unwrap_or(retries);
        Self { command_id, attempt: 0, retries_left, backoff: CommandBackoff::default() }
    }

    #[must_use]
    pub fn backoff(self, backoff: CommandBackoff) -> Self {
        Self { backoff, ..self }
    }

    /// Runs an attempt in a span that is named after the id of the command.
    pub fn run<F: Future>(&self, attempt: F) -> Instrumented<F> {
        meter::count_attempt(self.command_id, self.attempt == 0);
        let span = tracing::info_span!(
            "command",
            otel.name = self.command_id,
            command = self.command_id,
            attempt = self.attempt + 1,
        );
        attempt.instrument(span)
    }

    /// Pauses before the next attempt.
    pub async fn pause(&self) {
        self.backoff.pause_after(self.attempt).await;
    }

    /// Counts an attempt. Returns the version conflict that caused the attempt's error, if there is one.
    pub fn conflict<'e>(&mut self, error: Option<&'e (dyn Error + 'static)>) -> Option<Conflict<'e>> {
        // Only a conflict leads to another attempt, so each attempt after the first is a retry.
        if self.attempt > 0 {
            self.retries_left = self.retries_left.saturating_sub(1);
        }
        self.attempt += 1;
        let error = find_event_already_exists(error?)?;
        tracing::debug!(
            command = self.command_id,
            event_store = error.event_store_id,
            aggregate_id = error.aggregate_id,
            version = error.version,
            attempt = self.attempt,
            retries_left = self.retries_left,
            "a command found a conflict"
        );
        if self.retries_left == 0 {
            meter::count_exhausted(self.command_id);
        }
        Some(Conflict { error, attempt: self.attempt, retries_left: self.retries_left })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_store::PushEventError;

    fn conflict() -> EventAlreadyExists {
        let (event_store_id, aggregate_id) = ("POKEMONS".to_owned(), "pikachu1".to_owned());
        EventAlreadyExists::new(event_store_id, aggregate_id, 2)
    }

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Transparent<E: Error>(E);

    #[test]
    fn finds_the_conflict_behind_the_errors_of_commands() {
        let error = Transparent(Transparent(PushEventError::from(conflict())));
        assert_eq!(find_event_already_exists(&error), Some(&conflict()));
        assert_eq!(find_event_already_exists(&conflict()), Some(&conflict()));
        assert_eq!(find_event_already_exists(&std::fmt::Error), None);
    }

    #[test]
    fn a_conflict_behind_a_stored_event_is_none() {
        let step = AfterPushStep::OnEventPushed(Box::new(conflict()));
        assert!(find_event_already_exists(&step).is_none());
        let aggregate_id = "pikachu1".to_owned();
        let failure = AfterPushFailure { event_store_id: "POKEMONS", aggregate_id, version: 1, step };
        assert!(find_event_already_exists(&Transparent(failure)).is_none());
    }
}
