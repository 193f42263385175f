use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;

/// The client without its own retries: they are made here, where it is known what they mean.
pub(crate) fn without_retries(client: &Client) -> Client {
    let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
    Client::from_conf(config)
}
