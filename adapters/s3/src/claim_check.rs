use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use castore_aws::{Request, RequestPolicy};
use castore_core::channel::{ClaimCheck, ClaimCheckError, ClaimedMessage};
use tokio::sync::OnceCell;

use crate::error::{S3ClaimError, S3PointerError};
use crate::place::Place;
use crate::{S3ClaimCheckBuilder, key, pointer};

/// A claim check that stores large messages in an S3 bucket. The documentation of the [crate](crate) describes the
/// formats of keys and pointers.
///
/// Clones use the same bucket and prefix.
#[derive(Clone)]
pub struct S3ClaimCheck {
    client: Client,
    options: Arc<Options>,
    /// The URL prefixes of the bucket, determined when the first pointer is read.
    places: Arc<OnceCell<Vec<Place>>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) signature_expiry: Duration,
    pub(crate) other_urls: Vec<String>,
    pub(crate) max_message_bytes: usize,
    pub(crate) policy: RequestPolicy,
}

/// A key for which a URL is signed only to determine the URL format of the bucket.
const PROBE: &str = "key";

impl S3ClaimCheck {
    /// Builds a claim check with default options.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self::builder(client, bucket).build_unchecked()
    }

    /// Returns a builder for a claim check with custom options.
    pub fn builder(client: Client, bucket: impl Into<String>) -> S3ClaimCheckBuilder {
        S3ClaimCheckBuilder::new(client, bucket.into())
    }

    pub(crate) fn with_options(client: Client, options: Options) -> Self {
        Self { client, options: Arc::new(options), places: Arc::default() }
    }

    async fn put(&self, key: &str, json: String) -> Result<(), S3ClaimError> {
        let content = bytes_of(json);
        let put = || {
            let request = self.client.put_object().bucket(&self.options.bucket).key(key);
            request.content_type("application/json").body(content()).send()
        };
        Request::new("S3", "PutObject", &self.options.policy).send(put).await?;
        Ok(())
    }

    /// Returns a URL from which an object can be fetched without credentials.
    async fn signed_url(&self, key: &str) -> Result<String, S3ClaimError> {
        let Options { bucket, signature_expiry, .. } = &*self.options;
        let expiry = PresigningConfig::expires_in(*signature_expiry).map_err(|_| S3ClaimError::Sign)?;
        let signed = self.client.get_object().bucket(bucket).key(key).presigned(expiry).await;
        // The error is dropped because its text may contain the URL.
        Ok(signed.map_err(|_| S3ClaimError::Sign)?.uri().to_owned())
    }

    async fn places(&self) -> Result<&[Place], S3ClaimError> {
        let places = self.places.get_or_try_init(|| async {
            let Options { bucket, other_urls, .. } = &*self.options;
            let url = self.signed_url(PROBE).await?;
            let place = Place::of_probe(&url, PROBE).ok_or_else(|| S3ClaimError::Urls { bucket: bucket.clone() })?;
            let other_style = place.other_style(bucket);
            let named = other_urls.iter().filter_map(|url| Place::parse(url));
            Ok::<_, S3ClaimError>([place].into_iter().chain(other_style).chain(named).collect())
        });
        places.await.map(Vec::as_slice)
    }

    async fn get(&self, key: &str) -> Result<String, ClaimCheckError> {
        let limit = self.options.max_message_bytes;
        let get = || async {
            let answer = self.client.get_object().bucket(&self.options.bucket).key(key).send().await?;
            content(answer, limit).await
        };
        let content = Request::new("S3", "GetObject", &self.options.policy).send(get).await.map_err(|error| {
            let gone = error.service_error::<GetObjectError>().is_some_and(GetObjectError::is_no_such_key);
            if gone { ClaimCheckError::permanent(S3PointerError::Gone) } else { ClaimCheckError::new(error) }
        })?;
        let content = content.ok_or_else(|| ClaimCheckError::permanent(S3PointerError::TooLarge { limit }))?;
        String::from_utf8(content).map_err(|_| ClaimCheckError::permanent(S3PointerError::NoText))
    }
}

/// Returns a function that creates the body of a request. Each attempt needs a new body with the same content.
fn bytes_of(json: String) -> impl Fn() -> ByteStream {
    // The bytes are reference-counted, so that the message is not copied for each attempt.
    let content = aws_sdk_s3::primitives::SdkBody::from(json.into_bytes());
    move || ByteStream::new(content.try_clone().unwrap_or_else(aws_sdk_s3::primitives::SdkBody::empty))
}

/// Reads the content of an object. Returns `None` if it exceeds the limit.
async fn content(
    answer: GetObjectOutput,
    limit: usize,
) -> Result<Option<Vec<u8>>, SdkError<GetObjectError, HttpResponse>> {
    let too_large = |bytes: usize| bytes > limit;
    if answer.content_length().and_then(|bytes| usize::try_from(bytes).ok()).is_some_and(too_large) {
        return Ok(None);
    }
    let mut content = Vec::new();
    let mut body = answer.body;
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| SdkError::dispatch_failure(ConnectorError::io(error.into())))?;
        if too_large(content.len().saturating_add(part.len())) {
            return Ok(None);
        }
        content.extend_from_slice(&part);
    }
    Ok(Some(content))
}

#[async_trait]
impl ClaimCheck for S3ClaimCheck {
    async fn check_in(&self, message: ClaimedMessage<'_>, json: String) -> Result<String, ClaimCheckError> {
        let key = key::key(&self.options.prefix, message, &json);
        self.put(&key, json).await.map_err(ClaimCheckError::new)?;
        let url = self.signed_url(&key).await.map_err(ClaimCheckError::new)?;
        pointer::write(&url).map_err(ClaimCheckError::permanent)
    }

    async fn redeem(&self, json: &str) -> Result<Option<String>, ClaimCheckError> {
        let Some(url) = pointer::read(json) else { return Ok(None) };
        let places = self.places().await.map_err(ClaimCheckError::new)?;
        let key = places.iter().find_map(|place| place.key(&url));
        let key = key.ok_or_else(|| ClaimCheckError::permanent(S3PointerError::OtherPlace))?;
        self.get(&key).await.map(Some)
    }
}

impl fmt::Debug for S3ClaimCheck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("S3ClaimCheck")
            .field("bucket", &self.options.bucket)
            .field("prefix", &self.options.prefix)
            .finish_non_exhaustive()
    }
}
