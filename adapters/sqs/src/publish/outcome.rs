//! What an answer of SQS says about messages.

use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use aws_sdk_sqs::types::BatchResultErrorEntry;
use castore_aws::{BatchFailure, EntryOutcome, ErrorCodeKind, FailureClass, RequestError};

/// A message that SQS did not take, though it answered the batch it was in.
#[derive(Debug, thiserror::Error)]
#[error("SQS did not take the message: {code}{}", after_colon(.message.as_deref()))]
pub(crate) struct EntryError {
    code: String,
    message: Option<String>,
}

fn after_colon(message: Option<&str>) -> String {
    message.map_or_else(String::new, |message| format!(": {message}"))
}

impl EntryError {
    /// As what became of the message.
    pub(crate) fn outcome(entry: BatchResultErrorEntry) -> EntryOutcome {
        // It is the sender's fault, too, to send too much at a time, or what it is not allowed to.
        let for_good = entry.sender_fault && ErrorCodeKind::of(&entry.code) == ErrorCodeKind::Other;
        let error = Box::new(Self { code: entry.code, message: entry.message });
        if for_good { EntryOutcome::Refused(error) } else { EntryOutcome::Retryable(error) }
    }
}

/// Codes of requests that are wrong for what is in them, without the name of the service and the word `Exception`.
const MALFORMED: &[&str] =
    &["BatchRequestTooLong", "InvalidAttributeValue", "InvalidMessageContents", "InvalidParameterValue"];

fn is_malformed(code: &str) -> bool {
    let name = code.rsplit(['.', '#']).next().unwrap_or(code);
    MALFORMED.contains(&name.strip_suffix("Exception").unwrap_or(name))
}

/// Whether SQS refuses what is in the request, so that it will refuse it again.
pub(super) fn refuses_content(error: &RequestError) -> bool {
    error.class() == FailureClass::Refused && error.code().is_some_and(is_malformed)
}

pub(super) fn of_call(error: RequestError) -> BatchFailure {
    if refuses_content(&error) { BatchFailure::Malformed(error.into()) } else { BatchFailure::Outage(error.into()) }
}

/// What became of each entry of a batch, whose ids are their places in it.
pub(super) fn of_entries(entries: usize, answer: SendMessageBatchOutput) -> Vec<EntryOutcome> {
    let mut outcomes: Vec<_> =
        (0..entries).map(|_| EntryOutcome::Retryable("SQS did not say whether it took the message".into())).collect();
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
