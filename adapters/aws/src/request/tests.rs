#![allow(clippy::result_large_err, reason = "as the SDK has it")]

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::*;

#[derive(Debug)]
struct Failed(ErrorMetadata);

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("failed")
    }
}

impl Error for Failed {}

impl ProvideErrorMetadata for Failed {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

type Answer = Result<u32, SdkError<Failed, Response>>;

fn failed(status: u16, code: &str) -> Answer {
    let mut metadata = ErrorMetadata::builder().message("what the service says");
    if !code.is_empty() {
        metadata = metadata.code(code);
    }
    let raw = Response::new(StatusCode::try_from(status).unwrap(), SdkBody::from("secret-payload"));
    Err(SdkError::service_error(Failed(metadata.build()), raw))
}

fn broken(kind: io::ErrorKind) -> Answer {
    Err(SdkError::dispatch_failure(ConnectorError::io(io::Error::from(kind).into())))
}

/// Sends a request whose attempts receive the given responses. Returns the result of the request and the number of
/// unused responses.
async fn ask(answers: impl IntoIterator<Item = Answer>) -> (Result<u32, RequestError>, usize) {
    let mut answers: Vec<_> = answers.into_iter().collect();
    answers.reverse();
    let answers = RefCell::new(answers);
    let policy = RequestPolicy::default().attempts(3).backoff(Duration::from_micros(10), Duration::from_micros(20));
    let answer = Request::new("Service", "Ask", &policy).send(|| {
        let answer = answers.borrow_mut().pop().unwrap();
        async move { answer }
    });
    let ended = answer.await;
    (ended, answers.into_inner().len())
}

#[tokio::test]
async fn temporary_failures_are_retried() {
    for answer in [
        failed(400, "ThrottlingException"),
        failed(403, "RequestThrottled"),
        failed(400, "AWS.SimpleQueueService.RequestThrottled"),
        failed(500, ""),
        failed(503, "ServiceUnavailable"),
        failed(400, "InternalFailure"),
        broken(io::ErrorKind::ConnectionRefused),
        broken(io::ErrorKind::ConnectionReset),
    ] {
        let (ended, left) = ask([answer, Ok(7)]).await;
        assert_eq!((ended.unwrap(), left), (7, 0));
    }
}

#[tokio::test]
async fn rejected_requests_are_not_retried() {
    for answer in [failed(400, "InvalidParameterValue"), failed(403, "AccessDenied"), failed(404, "")] {
        let (ended, left) = ask([answer, Ok(7)]).await;
        let error = ended.unwrap_err();
        assert_eq!((error.class(), error.attempts(), left), (FailureClass::Refused, 1, 1));
    }
}

#[tokio::test]
async fn last_failure_is_returned_after_all_attempts() {
    let throttled = || failed(400, "ThrottlingException");
    let (ended, left) = ask([throttled(), throttled(), throttled(), Ok(7)]).await;
    let error = ended.unwrap_err();
    assert_eq!((error.class(), error.code(), left), (FailureClass::NotDone, Some("ThrottlingException"), 1));
    assert_eq!(error.to_string(), "Ask of Service failed after 3 attempts: ThrottlingException: what the service says");
    assert!(error.source().is_none(), "the text says it all");
    assert!(!format!("{error:?}").contains("secret-payload"), "{error:?}");
}

/// A throttled attempt does not reveal whether an earlier attempt was executed.
#[tokio::test]
async fn one_attempt_with_unknown_outcome_makes_the_request_unknown() {
    let (ended, _) = ask([failed(500, ""), failed(400, "Throttling"), failed(400, "Throttling")]).await;
    assert_eq!(ended.unwrap_err().class(), FailureClass::Unknown);
}

#[tokio::test(start_paused = true)]
async fn responses_have_a_time_limit() {
    let policy = RequestPolicy::default().attempts(2).timeout(Duration::from_secs(3));
    let started = tokio::time::Instant::now();
    let error = Request::new("Service", "Ask", &policy).send(std::future::pending::<Answer>).await.unwrap_err();
    assert_eq!((error.class(), error.attempts()), (FailureClass::Unknown, 2));
    assert!(started.elapsed() >= Duration::from_secs(6), "{:?}", started.elapsed());
    assert_eq!(error.to_string(), "Ask of Service failed after 2 attempts: no response in time");
    assert!(error.source().is_some_and(|source| !error.to_string().contains(&source.to_string())), "{error:?}");
}

#[test]
fn error_codes_have_kinds() {
    use ErrorCodeKind::{Denied, Internal, Other, Overload};
    for (code, kind) in [
        ("KmsThrottled", Overload),
        ("KMS.ThrottlingException", Overload),
        ("KMS.DisabledException", Denied),
        ("AccessDeniedException", Denied),
        ("InternalFailure", Internal),
        ("InvalidMessageContents", Other),
        ("", Other),
    ] {
        assert_eq!(ErrorCodeKind::of(code), kind, "{code}");
    }
}
