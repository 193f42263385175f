//! The outcomes of the entries of a request.

use aws_sdk_eventbridge::operation::put_events::PutEventsOutput;
use aws_sdk_eventbridge::types::PutEventsResultEntry;
use castore_aws::{BatchFailure, EntryOutcome, ErrorCodeKind, FailureClass, RequestError};

/// The error that EventBridge returned for a single event of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("EventBridge did not store the message: {code}{}", .message.as_ref().map_or_else(String::new, |message| format!(": {message}")))]
#[non_exhaustive]
pub struct RefusedEventError {
    /// The error code of EventBridge, for example `MalformedDetail`.
    pub code: String,
    /// The description that EventBridge returned.
    pub message: Option<String>,
}

/// The error codes of requests with invalid content.
const MALFORMED: &[&str] = &[
    "InvalidArgument",
    "RequestEntityTooLarge",
    "RequestEntityTooLargeException",
    "SerializationException",
    "ValidationError",
    "ValidationException",
];

/// The error codes of entries that could not be stored because of the event bus, and not because of the message.
const ABOUT_THE_BUS: &[&str] = &["InvalidAccountIdException", "ResourceNotFoundException"];

/// Converts the error of a request into the failure of the batch.
pub(super) fn of_call(error: RequestError) -> BatchFailure {
    let refuses_content =
        error.class() == FailureClass::Refused && error.code().is_some_and(|code| MALFORMED.contains(&code));
    if refuses_content { BatchFailure::Malformed(error.into()) } else { BatchFailure::Outage(error.into()) }
}

/// Returns the outcome of each entry, in order.
pub(super) fn of_entries(answer: PutEventsOutput) -> Vec<EntryOutcome> {
    answer.entries.unwrap_or_default().into_iter().map(of_entry).collect()
}

fn of_entry(entry: PutEventsResultEntry) -> EntryOutcome {
    let Some(code) = entry.error_code else {
        return match entry.event_id {
            Some(_) => EntryOutcome::Published,
            None => EntryOutcome::Retryable("EventBridge did not report whether it stored the message".into()),
        };
    };
    let is_permanent = ErrorCodeKind::of(&code) == ErrorCodeKind::Other && !ABOUT_THE_BUS.contains(&code.as_str());
    let error = Box::new(RefusedEventError { code, message: entry.error_message });
    if is_permanent { EntryOutcome::Refused(error) } else { EntryOutcome::Retryable(error) }
}
