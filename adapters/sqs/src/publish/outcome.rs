//! The outcomes of the entries of a batch.

use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use aws_sdk_sqs::types::BatchResultErrorEntry;
use castore_aws::{BatchFailure, EntryOutcome, ErrorCodeKind, FailureClass, RequestError};

/// The error that SQS returned for a single entry of a batch.
#[derive(Debug, thiserror::Error)]
#[error("SQS rejected an entry of a batch: {code}{}", after_colon(.message.as_deref()))]
pub(crate) struct EntryError {
    code: String,
    message: Option<String>,
}

fn after_colon(message: Option<&str>) -> String {
    message.map_or_else(String::new, |message| format!(": {message}"))
}

impl EntryError {
    /// Converts a failed entry into its outcome.
    pub(crate) fn outcome(entry: BatchResultErrorEntry) -> EntryOutcome {
        // SQS marks throttling and denied access as faults of the sender, too, so the code is checked as well.
        let is_permanent = entry.sender_fault && ErrorCodeKind::of(&entry.code) == ErrorCodeKind::Other;
        let error = Box::new(Self { code: entry.code, message: entry.message });
        if is_permanent { EntryOutcome::Refused(error) } else { EntryOutcome::Retryable(error) }
    }
}

/// The error codes of requests with invalid content. The codes are listed without the name of the service and without
/// the suffix `Exception`.
const MALFORMED: &[&str] =
    &["BatchRequestTooLong", "InvalidAttributeValue", "InvalidMessageContents", "InvalidParameterValue"];

fn is_malformed(code: &str) -> bool {
    let name = code.rsplit(['.', '#']).next().unwrap_or(code);
    MALFORMED.contains(&name.strip_suffix("Exception").unwrap_or(name))
}

/// Returns whether SQS rejected the content of the request. Such a request must not be retried.
pub(super) fn refuses_content(error: &RequestError) -> bool {
    error.class() == FailureClass::Refused && error.code().is_some_and(is_malformed)
}

pub(super) fn of_call(error: RequestError) -> BatchFailure {
    if refuses_content(&error) { BatchFailure::Malformed(error.into()) } else { BatchFailure::Outage(error.into()) }
}

/// Returns the outcome of each entry of a batch. The ids of the entries are their indexes.
pub(super) fn of_entries(entries: usize, answer: SendMessageBatchOutput) -> Vec<EntryOutcome> {
    let mut outcomes: Vec<_> = (0..entries)
        .map(|_| EntryOutcome::Retryable("SQS did not report whether it stored the message".into()))
        .collect();
    let place = |id: &str| id.parse::<usize>().ok();
    for entry in answer.successful {
        if let Some(outcome) = place(&entry.id).and_then(|place| outcomes.get_mut(place)) {
            *outcome = EntryOutcome::Published;
        }
    }
    for entry in answer.failed {
        if let Some(outcome) = place(&entry.id).and_then(|place| outcomes.get_mut(place)) {
            *outcome = EntryError::outcome(entry);
        }
    }
    outcomes
}
