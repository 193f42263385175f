//! What an answer of EventBridge says about messages.

use aws_sdk_eventbridge::operation::put_events::PutEventsOutput;
use aws_sdk_eventbridge::types::PutEventsResultEntry;
use castore_aws::{BatchFailure, EntryOutcome, ErrorCodeKind, FailureClass, RequestError};

/// EventBridge did not take an event, though it answered the request that the event was in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("EventBridge did not take the message: {code}{}", .message.as_ref().map_or_else(String::new, |message| format!(": {message}")))]
#[non_exhaustive]
pub struct RefusedEventError {
    /// EventBridge's code, `MalformedDetail` for example.
    pub code: String,
    /// EventBridge's words.
    pub message: Option<String>,
}

/// Codes of requests that are wrong for what is in them.
const MALFORMED: &[&str] = &[
    "InvalidArgument",
    "RequestEntityTooLarge",
    "RequestEntityTooLargeException",
    "SerializationException",
    "ValidationError",
    "ValidationException",
];

/// Codes of entries that are about the bus, and not about the message.
const ABOUT_THE_BUS: &[&str] = &["InvalidAccountIdException", "ResourceNotFoundException"];

/// What a request that failed says about its entries.
pub(super) fn of_call(error: RequestError) -> BatchFailure {
    let refuses_content =
        error.class() == FailureClass::Refused && error.code().is_some_and(|code| MALFORMED.contains(&code));
    if refuses_content { BatchFailure::Malformed(error.into()) } else { BatchFailure::Outage(error.into()) }
}

/// What became of each entry: they are answered in their order.
pub(super) fn of_entries(answer: PutEventsOutput) -> Vec<EntryOutcome> {
    answer.entries.unwrap_or_default().into_iter().map(of_entry).collect()
}

fn of_entry(entry: PutEventsResultEntry) -> EntryOutcome {
    let Some(code) = entry.error_code else {
        return match entry.event_id {
            Some(_) => EntryOutcome::Published,
            None => EntryOutcome::Retryable("EventBridge did not say whether it took the message".into()),
        };
    };
    let for_good = ErrorCodeKind::of(&code) == ErrorCodeKind::Other && !ABOUT_THE_BUS.contains(&code.as_str());
    let error = Box::new(RefusedEventError { code, message: entry.error_message });
    if for_good { EntryOutcome::Refused(error) } else { EntryOutcome::Retryable(error) }
}
