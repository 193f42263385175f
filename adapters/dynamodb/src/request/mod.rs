//! How DynamoDB is asked: again after throttling, and never again where the first try may have done it.

mod error;
mod policy;
mod verdict;

use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodbstreams::Client as StreamsClient;

pub(crate) use error::Failure;
pub use error::RequestError;
pub(crate) use policy::Policy;
pub(crate) use verdict::Verdict;

/// What it means to send a request twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The same as sending it once: reads, and writes that carry a token.
    Repeatable,
    /// Something else: it is sent again only if the first one was certainly not done.
    Once,
}

/// Sends requests.
#[derive(Debug, Clone)]
pub(crate) struct Requests<C = Client> {
    client: C,
    policy: Policy,
}

impl Requests {
    pub(crate) fn new(client: &Client, policy: Policy) -> Self {
        // The retries are made here, where it is known what they mean.
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), policy }
    }
}

impl Requests<StreamsClient> {
    pub(crate) fn of_streams(client: &StreamsClient, policy: Policy) -> Self {
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: StreamsClient::from_conf(config), policy }
    }
}

impl<C> Requests<C> {
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sends a request, and again as `effect` and the policy allow. `judge` knows better than the error's code what
    /// some errors mean.
    pub(crate) async fn send<T, E, Sent>(
        &self,
        operation: &'static str,
        effect: Effect,
        judge: impl Fn(&E) -> Option<Verdict>,
        request: impl Fn(&C) -> Sent,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E>>>,
    {
        let (mut attempt, mut unknown) = (0, false);
        loop {
            attempt += 1;
            let error = match tokio::time::timeout(self.policy.timeout, request(&self.client)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(elapsed) => SdkError::timeout_error(elapsed),
            };
            let verdict = error.as_service_error().and_then(&judge).unwrap_or_else(|| verdict::of(&error));
            unknown |= verdict == Verdict::Unknown;
            let again = match verdict {
                Verdict::Refused => false,
                Verdict::NotDone => true,
                Verdict::Unknown => effect == Effect::Repeatable,
            };
            if !again || attempt >= self.policy.attempts {
                return Err(Failure { unknown, error: RequestError::new(operation, attempt, error) });
            }
            let pause = self.policy.pause(attempt);
            tracing::debug!(operation, attempt, ?pause, code = error.code(), "asking DynamoDB again");
            tokio::time::sleep(pause).await;
        }
    }
}
