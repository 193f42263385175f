//! What `#[command]` prints calls to: running again when another writer was faster.

use std::error::Error;

use crate::event_store::StoredButNotPublished;
use crate::storage::EventAlreadyExists;

/// The errors that a command may answer with: any error type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a command",
    label = "not an error type",
    note = "a command answers a `Result` whose error implements `std::error::Error`: it is looked through for a conflict with another writer"
)]
pub trait CommandError: Error + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Error + 'static> CommandError for E {}

/// The conflict behind an error: an event that another writer stored first. Looks through the error's sources.
///
/// An event that *is* stored, but was not published, is no conflict, whatever is behind it: running again would push
/// it twice.
pub fn find_event_already_exists<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e EventAlreadyExists> {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<StoredButNotPublished>() {
            return None;
        }
        if let Some(conflict) = error.downcast_ref() {
            return Some(conflict);
        }
        next = error.source();
    }
    None
}

/// Counts the attempts of a command.
#[doc(hidden)]
#[derive(Debug)]
pub struct CommandAttempts {
    command_id: &'static str,
    attempt: u32,
    retries_left: u32,
}

/// The conflict that an attempt of a command ended in.
#[doc(hidden)]
#[derive(Debug)]
pub struct Conflict<'e> {
    pub error: &'e EventAlreadyExists,
    /// Which attempt this was, from 1.
    pub attempt: u32,
    /// How many more there may be.
    pub retries_left: u32,
}

impl CommandAttempts {
    pub fn new(command_id: &'static str, retries: u32) -> Self {
        Self { command_id, attempt: 0, retries_left: retries }
    }

    /// The conflict that this outcome is, if it is one.
    pub fn conflict<'e, T, E: CommandError>(&mut self, outcome: &'e Result<T, E>) -> Option<Conflict<'e>> {
        // Of the attempts before this one, all were conflicts that were tried again.
        if self.attempt > 0 {
            self.retries_left = self.retries_left.saturating_sub(1);
        }
        self.attempt += 1;
        let error = find_event_already_exists(outcome.as_ref().err()?)?;
        tracing::debug!(
            command = self.command_id,
            event_store = error.event_store_id,
            aggregate = error.aggregate_id,
            version = error.version,
            attempt = self.attempt,
            retries_left = self.retries_left,
            "the event exists already"
        );
        Some(Conflict { error, attempt: self.attempt, retries_left: self.retries_left })
    }
}
