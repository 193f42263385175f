use std::error::Error;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use castore_core::channel::{PublishError as Failure, RejectedMessage};

/// The reason why a message was not published.
#[derive(Debug)]
pub(super) enum SendError {
    /// The message was rejected. Other messages may be accepted.
    Refused { permanent: bool, reason: Box<dyn Error + Send + Sync> },
    /// The server is unreachable, or currently accepts no messages.
    Outage(Box<dyn Error + Send + Sync>),
    /// The adapter was shut down.
    ShutDown,
}

impl From<PublishError> for SendError {
    fn from(error: PublishError) -> Self {
        let code = error.source().and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>());
        let code = code.map(async_nats::jetstream::Error::error_code);
        match (error.kind(), code) {
            (PublishErrorKind::MaxPayloadExceeded, _)
            | (_, Some(ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM | ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM)) => {
                Self::Refused { permanent: true, reason: Box::new(error) }
            }
            // Another publisher is sending the same message concurrently.
            (_, Some(ErrorCode::STREAM_DUPLICATE_MESSAGE_CONFLICT)) => {
                Self::Refused { permanent: false, reason: Box::new(error) }
            }
            // No response, no stream (or not yet, after a restart), no permission, or no space. The next message would
            // fail, too.
            _ => Self::Outage(Box::new(error)),
        }
    }
}

impl SendError {
    /// Converts the error into the failure of a call that publishes a single message.
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::Refused { permanent, reason } => {
                Failure::Rejected { total: 1, rejected: vec![RejectedMessage::new(0, permanent, reason)] }
            }
            Self::Outage(error) => Failure::Broker(error),
            Self::ShutDown => Failure::ShutDown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an error in the format of a rejection by the server.
    fn refusal(code: u64) -> PublishError {
        let json = format!(r#"{{"code":503,"err_code":{code},"description":"canned"}}"#);
        let error: async_nats::jetstream::Error = serde_json::from_str(&json).unwrap();
        PublishError::with_source(PublishErrorKind::Other, error)
    }

    fn class(error: PublishError) -> Option<bool> {
        match SendError::from(error) {
            SendError::Refused { permanent, .. } => Some(permanent),
            SendError::Outage(_) => None,
            SendError::ShutDown => unreachable!("not by the server"),
        }
    }

    #[test]
    fn only_what_is_about_the_message_is_a_refusal() {
        assert_eq!(class(refusal(10054)), Some(true));
        assert_eq!(class(refusal(10097)), Some(true));
        assert_eq!(class(refusal(10158)), Some(false));
        // No space, no resources, no leader.
        for outage in [10077, 10023, 10047, 10009, 10118] {
            assert_eq!(class(refusal(outage)), None, "{outage}");
        }
        for outage in [PublishErrorKind::TimedOut, PublishErrorKind::StreamNotFound, PublishErrorKind::BrokenPipe] {
            assert_eq!(class(PublishError::new(outage)), None, "{outage}");
        }
    }
}
