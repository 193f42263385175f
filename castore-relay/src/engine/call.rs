use castore_core::channel::PublishError;
use castore_core::error::error_chain;

/// The reason why one event was not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A permanent failure: every further attempt would fail until the cause is removed, so the aggregate is parked.
    Permanent(String),
    /// A transient failure: a later attempt may succeed, so the aggregate is not parked.
    Transient(String),
}

/// The outcome of one call of the channel's adapter.
#[derive(Debug)]
pub enum CallOutcome {
    /// All messages were published, except the listed ones. Each number is the index of a message in the call.
    Published(Vec<(usize, Failure)>),
    /// The call failed. Some messages may have been published, but the adapter does not report which.
    Failed(String),
    /// The call did not finish in time. Some messages may have been published. A call with fewer messages may succeed.
    TimedOut(String),
    /// A message cannot be serialized, and the adapter does not report which one. Each message must be published in a
    /// separate call.
    NotSerializable(String),
}

impl CallOutcome {
    /// Converts the result of an adapter's call with `messages` messages.
    pub(super) fn new(result: Result<(), PublishError>, messages: usize) -> Self {
        match result {
            Ok(()) => Self::Published(Vec::new()),
            Err(PublishError::Rejected { rejected, .. }) => {
                // The result does not identify the published messages, so none of them counts as published.
                if rejected.is_empty() {
                    return Self::Failed(format!(
                        "the adapter rejected some of {messages} messages, but did not report which; this is a bug \
                         in the adapter"
                    ));
                }
                if let Some(stray) = rejected.iter().find(|rejected| rejected.index >= messages) {
                    let index = stray.index;
                    return Self::Failed(format!(
                        "the adapter rejected message {index} (counted from 0) of a call with {messages} messages; \
                         this is a bug in the adapter"
                    ));
                }
                let failures = rejected.into_iter().map(|rejected| {
                    let text = error_chain(&*rejected.reason);
                    let failure = if rejected.permanent { Failure::Permanent(text) } else { Failure::Transient(text) };
                    (rejected.index, failure)
                });
                Self::Published(failures.collect())
            }
            Err(error @ PublishError::Serialize(_)) if messages == 1 => {
                Self::Published(vec![(0, Failure::Permanent(error_chain(&error)))])
            }
            Err(error @ PublishError::Serialize(_)) => Self::NotSerializable(error_chain(&error)),
            Err(error) => Self::Failed(error_chain(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use castore_core::channel::RejectedMessage;

    use super::*;

    fn rejected(indexes: &[usize]) -> CallOutcome {
        let rejected = |index: &usize| RejectedMessage::new(*index, true, "no");
        let rejected = indexes.iter().map(rejected).collect();
        CallOutcome::new(Err(PublishError::Rejected { total: 3, rejected }), 3)
    }

    #[test]
    fn rejection_without_valid_indexes_is_a_failed_call() {
        for indexes in [&[][..], &[3], &[0, 7]] {
            let outcome = rejected(indexes);
            assert!(matches!(outcome, CallOutcome::Failed(_)), "{outcome:?}");
        }
    }

    #[test]
    fn rejection_with_valid_indexes_names_the_failed_messages() {
        let outcome = rejected(&[1]);
        let expected = [(1, Failure::Permanent("no".to_owned()))];
        assert!(matches!(&outcome, CallOutcome::Published(failures) if *failures == expected), "{outcome:?}");
    }

    #[test]
    fn serialization_error_is_permanent_only_in_a_call_with_one_message() {
        let fail = || serde_json::from_str::<()>("no unit").map_err(PublishError::Serialize);
        let one = CallOutcome::new(fail(), 1);
        let is_permanent =
            matches!(&one, CallOutcome::Published(failures) if matches!(failures[..], [(0, Failure::Permanent(_))]));
        assert!(is_permanent, "{one:?}");
        assert!(matches!(CallOutcome::new(fail(), 2), CallOutcome::NotSerializable(_)));
    }
}
