//! Requests to DynamoDB, with retries. A request that may have been executed is retried only if executing it twice is
//! harmless.

mod error;

use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodbstreams::Client as StreamsClient;
use castore_aws::{FailureClass, Request, RequestError, RequestPolicy};

pub(crate) use error::{push_failed, read_failed};

/// The effect of sending a request twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Sending the request twice has the same effect as sending it once: reads, and writes with an idempotency token.
    Repeatable,
    /// Sending the request twice may have another effect. The request is sent again only if the previous attempts were
    /// certainly not executed.
    Once,
}

/// A sender of requests to DynamoDB, with retries.
#[derive(Debug, Clone)]
pub(crate) struct Requests<C = Client> {
    client: C,
    policy: RequestPolicy,
}

impl Requests {
    pub(crate) fn new(client: &Client, policy: RequestPolicy) -> Self {
        // The client's own retries are disabled. This type retries instead, depending on the effect of the request.
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), policy }
    }
}

impl Requests<StreamsClient> {
    pub(crate) fn of_streams(client: &StreamsClient, policy: RequestPolicy) -> Self {
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: StreamsClient::from_conf(config), policy }
    }
}

impl<C> Requests<C> {
    pub(crate) fn policy(&self) -> &RequestPolicy {
        &self.policy
    }

    /// Sends a request, and retries it if `effect` and the policy allow. `judge` classifies errors whose code is not
    /// specific enough.
    pub(crate) async fn send<T, E, Sent>(
        &self,
        operation: &'static str,
        effect: Effect,
        judge: impl Fn(&E) -> Option<FailureClass>,
        request: impl Fn(&C) -> Sent,
    ) -> Result<T, RequestError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E>>>,
    {
        let asked = Request::new("DynamoDB", operation, &self.policy);
        let asked = if effect == Effect::Once { asked.once() } else { asked };
        asked.send_judged(judge, || request(&self.client)).await
    }
}
