/// Clones the client of an AWS SDK crate, and disables the retries of the clone:
/// `without_retries!(aws_sdk_sqs, client)`.
///
/// The adapters retry with a [`Request`](crate::Request) instead, which knows which failures are safe to retry.
/// `without_retries` is a macro because the client and configuration types of the SDK crates have no common trait.
#[macro_export]
macro_rules! without_retries {
    ($sdk:ident, $client:expr) => {{
        let retries = $sdk::config::retry::RetryConfig::disabled();
        $sdk::Client::from_conf($client.config().to_builder().retry_config(retries).build())
    }};
}
