use castore_aws::RequestError;

/// The reason why the message that a pointer refers to is permanently unavailable. The error does not quote the URL,
/// because the URL includes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum S3PointerError {
    /// The URL belongs to another host or bucket, or contains no valid key. No request is sent to this URL.
    #[error(
        "the pointer is not a URL of the claim check's bucket; if the bucket has other URLs, add them with `also_known_as`"
    )]
    OtherPlace,
    /// The object does not exist. A lifecycle rule may have deleted it.
    #[error("the S3 object of a large message does not exist; it may have expired")]
    Gone,
    /// The object exceeds the maximum size of messages.
    #[error("the S3 object of a large message has more than {limit} bytes; change `max_message_bytes` to fetch it")]
    TooLarge {
        /// The maximum size in bytes.
        limit: usize,
    },
    /// The content of the object is not valid UTF-8.
    #[error("the S3 object of a large message is not valid UTF-8")]
    NoText,
}

/// A failure to store or fetch a large message. A later attempt may succeed, in some cases only after the configuration
/// was corrected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum S3ClaimError {
    /// S3 rejected a request, or was unavailable.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A URL could not be signed, for example because the client has no credentials.
    #[error("a URL for a large message could not be signed; check the credentials of the S3 client")]
    Sign,
    /// The URLs of the bucket have an unknown format, from which no key can be extracted.
    #[error("the URLs of bucket {bucket} have an unknown format; check the endpoint of the S3 client")]
    Urls {
        /// The name of the bucket.
        bucket: String,
    },
}
