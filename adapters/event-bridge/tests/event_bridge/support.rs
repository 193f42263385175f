//! Clients of the emulator.

use aws_sdk_eventbridge::config::{BehaviorVersion, Credentials, HttpClient, Region};

/// Returns the endpoint of the AWS emulator.
pub(crate) fn endpoint() -> String {
    std::env::var("CASTORE_TEST_AWS_ENDPOINT_URL").expect(
        "CASTORE_TEST_AWS_ENDPOINT_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    )
}

/// Returns a new account. The emulator treats access key ids of twelve digits as accounts.
pub(crate) fn new_account() -> String {
    format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000)
}

pub(crate) fn client(
    http_client: impl HttpClient + 'static,
    endpoint: &str,
    account: &str,
) -> aws_sdk_eventbridge::Client {
    let config = aws_sdk_eventbridge::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "secret", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(http_client)
        .build();
    aws_sdk_eventbridge::Client::from_conf(config)
}

/// Returns clients of a new account.
pub(crate) fn clients_of_new_account() -> (aws_sdk_eventbridge::Client, aws_sdk_sqs::Client) {
    let account = new_account();
    let http = || aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(&account, "secret", None, None, "tests"))
        .endpoint_url(endpoint())
        .http_client(http())
        .build();
    (client(http(), &endpoint(), &account), aws_sdk_sqs::Client::from_conf(config))
}

/// Creates a queue unless it exists. Returns its URL and its ARN.
pub(crate) async fn queue(sqs: &aws_sdk_sqs::Client, name: &str, visibility_timeout: u32) -> (String, String) {
    use aws_sdk_sqs::types::QueueAttributeName::{QueueArn, VisibilityTimeout};
    let created = sqs.create_queue().queue_name(name).attributes(VisibilityTimeout, visibility_timeout.to_string());
    let url = created.send().await.unwrap().queue_url.unwrap();
    let attributes = sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueArn).send().await.unwrap();
    let arn = attributes.attributes.unwrap().remove(&QueueArn).unwrap();
    (url, arn)
}

/// Returns the bodies of the messages that are in a queue or arrive shortly.
pub(crate) async fn bodies(sqs: &aws_sdk_sqs::Client, url: &str, count: usize) -> Vec<String> {
    let mut bodies = Vec::new();
    loop {
        // After the expected messages, polls once more with a short wait, to detect unexpected messages.
        let wait = if bodies.len() < count { 5 } else { 0 };
        let received = sqs.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(wait);
        let messages = received.send().await.unwrap().messages.unwrap_or_default();
        if messages.is_empty() {
            return bodies;
        }
        bodies.extend(messages.into_iter().map(|message| message.body.unwrap()));
    }
}
