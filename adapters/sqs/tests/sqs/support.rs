//! Clients and queues of the emulator.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, HttpClient, Region};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

/// The time limit for waiting for a condition.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the endpoint of the AWS emulator.
pub(crate) fn endpoint() -> String {
    std::env::var("CASTORE_TEST_AWS_ENDPOINT_URL").expect(
        "CASTORE_TEST_AWS_ENDPOINT_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    )
}

pub(crate) fn client(http_client: impl HttpClient + 'static, endpoint: &str, account: &str) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "secret", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(http_client)
        .build();
    Client::from_conf(config)
}

/// Returns a client of a new account. The emulator treats access key ids of twelve digits as accounts.
pub(crate) fn client_of_new_account() -> Client {
    let account = format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    client(aws_smithy_http_client::Builder::new().build_http(), &endpoint(), &account)
}

/// A queue in its own account, with another queue for its dead letters.
#[derive(Debug, Clone)]
pub(crate) struct TestQueue {
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) dead_letters: String,
}

impl TestQueue {
    pub(crate) async fn standard() -> Self {
        Self::new("", None).await
    }

    pub(crate) async fn fifo() -> Self {
        Self::new(".fifo", None).await
    }

    /// Creates a queue whose redrive policy moves messages after this number of deliveries.
    pub(crate) async fn with_redrive(ending: &str, max_receive_count: u32) -> Self {
        Self::new(ending, Some(max_receive_count)).await
    }

    async fn new(ending: &str, max_receive_count: Option<u32>) -> Self {
        let client = client_of_new_account();
        let dead_letters = create(&client, &format!("dead{ending}"), &[]).await;
        let mut attributes = Vec::new();
        if let Some(count) = max_receive_count {
            let answer = client.get_queue_attributes().queue_url(&dead_letters);
            let answer = answer.attribute_names(QueueAttributeName::QueueArn).send().await.unwrap();
            let arn = answer.attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
            let policy = serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": count });
            attributes.push((QueueAttributeName::RedrivePolicy, policy.to_string()));
        }
        let url = create(&client, &format!("queue{ending}"), &attributes).await;
        Self { client, url, dead_letters }
    }

    /// Receives the given number of messages, and leaves them invisible.
    pub(crate) async fn receive(&self, url: &str, count: usize) -> Vec<Message> {
        let mut messages = Vec::new();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while messages.len() < count {
            assert!(tokio::time::Instant::now() < deadline, "{} of {count} messages", messages.len());
            messages.extend(self.poll(url, 1).await);
        }
        messages
    }

    /// Returns the messages that arrive within the given number of seconds.
    pub(crate) async fn poll(&self, url: &str, seconds: i32) -> Vec<Message> {
        let request =
            self.client.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(seconds);
        let request = request.message_attribute_names("All").visibility_timeout(600);
        let answer = request.message_system_attribute_names(MessageSystemAttributeName::All).send().await;
        answer.unwrap().messages.unwrap_or_default()
    }

    /// Returns how many messages are visible and how many are in flight.
    pub(crate) async fn counts(&self, url: &str) -> (u32, u32) {
        let request = self.client.get_queue_attributes().queue_url(url);
        let request = request.attribute_names(QueueAttributeName::ApproximateNumberOfMessages);
        let answer = request.attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible).send().await;
        let attributes = answer.unwrap().attributes.unwrap();
        let count = |name| attributes[&name].parse().unwrap();
        (
            count(QueueAttributeName::ApproximateNumberOfMessages),
            count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        )
    }

    /// Waits until no message is left.
    pub(crate) async fn until_empty(&self, url: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let counts = self.counts(url).await;
            if counts == (0, 0) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "messages are left: {counts:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn create(client: &Client, name: &str, attributes: &[(QueueAttributeName, String)]) -> String {
    let mut request = client.create_queue().queue_name(name);
    if name.ends_with(".fifo") {
        request = request.attributes(QueueAttributeName::FifoQueue, "true");
    }
    for (name, value) in attributes {
        request = request.attributes(name.clone(), value);
    }
    request.send().await.unwrap().queue_url.unwrap()
}

/// The calls of handlers, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Vec<(String, u64, u32)>>>);

impl Calls {
    /// Records the aggregate and the version of a message, and the attempt.
    pub(crate) fn note(&self, (aggregate_id, version): (String, u64), attempt: u32) {
        self.0.lock().unwrap().push((aggregate_id, version, attempt));
    }

    pub(crate) fn all(&self) -> Vec<(String, u64, u32)> {
        self.0.lock().unwrap().clone()
    }

    /// Returns the names of the messages, without attempts.
    pub(crate) fn names(&self) -> Vec<String> {
        self.all().into_iter().map(|(aggregate_id, version, _)| format!("{aggregate_id}{version}")).collect()
    }

    pub(crate) async fn until(&self, count: usize) {
        until(&format!("{count} calls"), async || self.all().len() >= count).await;
    }
}

/// Waits until a condition is true.
pub(crate) async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !so().await {
        assert!(tokio::time::Instant::now() < deadline, "not in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
