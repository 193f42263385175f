use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use castore_aws::RequestPolicy;

use crate::S3ClaimCheck;
use crate::claim_check::Options;

/// Makes an [`S3ClaimCheck`], with options.
#[derive(Debug, Clone)]
#[must_use = "`build` makes the claim check"]
pub struct S3ClaimCheckBuilder {
    client: Client,
    options: Options,
}

/// The longest time that S3 lets a signature be valid.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl S3ClaimCheckBuilder {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        // The retries are made by the claim check, where it is known what they mean.
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        let options = Options {
            bucket,
            prefix: String::new(),
            signature_expiry: Duration::from_secs(900),
            other_urls: Vec::new(),
            max_message_bytes: 64 * 1024 * 1024,
            policy: RequestPolicy::default(),
        };
        Self { client: Client::from_conf(config), options }
    }

    /// What all keys begin with, `messages/` for example; nothing by default.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.options.prefix = prefix.into();
        self
    }

    /// How long the URL in a pointer can be fetched by consumers of the original packages: 900 seconds by default, a week at
    /// most, and no longer than the credentials that it is signed with. Consumers of this crate do not depend on it.
    pub fn signature_expiry(mut self, expiry: Duration) -> Self {
        self.options.signature_expiry = expiry.clamp(Duration::from_secs(1), WEEK);
        self
    }

    /// Takes pointers with URLs that begin so as pointers into the bucket, too: `https://bucket.s3.amazonaws.com/` for
    /// example, for publishers whose client has another endpoint. The rest of the URL is the key. Call it again for more.
    ///
    /// Nothing is ever asked of that URL: the object is got from the bucket, with the client.
    pub fn also_known_as(mut self, url: impl Into<String>) -> Self {
        self.options.other_urls.push(url.into());
        self
    }

    /// How large a message may be that is read: 64 MiB by default, so that a wrong pointer does not fill the memory.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.options.max_message_bytes = bytes;
        self
    }

    /// How often a request is sent until it is given up: 10 times by default. At least once it is.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.options.policy = self.options.policy.attempts(attempts);
        self
    }

    /// The pause before the second attempt, and the longest of all: up to 25 ms and 2 s by default. It doubles with each
    /// attempt, and a random part of it is waited for.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.options.policy = self.options.policy.backoff(first, longest);
        self
    }

    /// How long to wait for an answer of S3, with the whole object: 10 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.policy = self.options.policy.timeout(timeout);
        self
    }

    /// Makes the claim check. Nothing is asked of S3 yet.
    pub fn build(self) -> S3ClaimCheck {
        S3ClaimCheck::with_options(self.client, self.options)
    }
}
