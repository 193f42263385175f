use std::time::Duration;

use aws_sdk_s3::Client;
use castore_aws::{RequestPolicy, request_options, without_retries};
use castore_core::error::InvalidOptionError;

use crate::S3ClaimCheck;
use crate::claim_check::Options;

/// A builder for an [`S3ClaimCheck`].
#[derive(Debug, Clone)]
#[must_use = "`build` creates the claim check"]
pub struct S3ClaimCheckBuilder {
    client: Client,
    options: Options,
}

/// The maximum time for which a signature of S3 is valid.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl S3ClaimCheckBuilder {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        let options = Options {
            bucket,
            prefix: String::new(),
            signature_expiry: Duration::from_secs(900),
            other_urls: Vec::new(),
            max_message_bytes: 64 * 1024 * 1024,
            policy: RequestPolicy::default(),
        };
        Self { client: without_retries!(aws_sdk_s3, client), options }
    }

    /// Sets the prefix of all keys, for example `messages/`. Defaults to no prefix.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.options.prefix = prefix.into();
        self
    }

    /// Sets how long the signature of the URL in a pointer is valid: between 1 second and 7 days. The URL expires
    /// earlier if the credentials that signed it expire. Only consumers of the original TypeScript packages depend on
    /// the signature. Defaults to 900 seconds.
    pub fn signature_expiry(mut self, expiry: Duration) -> Self {
        self.options.signature_expiry = expiry;
        self
    }

    /// Adds a URL prefix of the bucket, for example `https://bucket.s3.amazonaws.com/`. Use this option if publishers
    /// use a different endpoint, so that the URLs in their pointers start with a different prefix. The part of a URL
    /// after the prefix is the key. A prefix that is not an `http` or `https` URL is ignored.
    ///
    /// This method can be called several times. The claim check sends no requests to URLs with this prefix: it fetches
    /// the object from the bucket with its own client.
    pub fn also_known_as(mut self, url: impl Into<String>) -> Self {
        self.options.other_urls.push(url.into());
        self
    }

    /// Sets the maximum size in bytes of a message that the claim check fetches, so that a wrong pointer cannot exhaust
    /// the memory. Fetching a larger message fails permanently. Defaults to 64 MiB.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.options.max_message_bytes = bytes;
        self
    }

    request_options!(self, self.options.policy);

    /// Builds the claim check. Sends no request.
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    pub fn build(self) -> Result<S3ClaimCheck, InvalidOptionError> {
        let Options { signature_expiry, max_message_bytes, policy, .. } = &self.options;
        policy.validate()?;
        let is_allowed = (Duration::from_secs(1)..=WEEK).contains(signature_expiry);
        InvalidOptionError::check(is_allowed, "signature_expiry", "must be between 1 second and 7 days")?;
        InvalidOptionError::check(*max_message_bytes > 0, "max_message_bytes", "must be at least 1")?;
        Ok(self.build_unchecked())
    }

    /// Builds the claim check without checking the options. The caller has checked the options or uses the defaults.
    pub(crate) fn build_unchecked(self) -> S3ClaimCheck {
        S3ClaimCheck::with_options(self.client, self.options)
    }
}
