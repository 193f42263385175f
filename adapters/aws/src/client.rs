/// Copies the client of an AWS SDK crate, without its retries: `without_retries!(aws_sdk_sqs, client)`.
///
/// A [`Request`](crate::Request) retries instead, because it knows what a failure means. This is a macro because each SDK
/// crate has its own client and configuration types, with no trait in common.
#[macro_export]
macro_rules! without_retries {
    ($sdk:ident, $client:expr) => {{
        let retries = $sdk::config::retry::RetryConfig::disabled();
        $sdk::Client::from_conf($client.config().to_builder().retry_config(retries).build())
    }};
}
