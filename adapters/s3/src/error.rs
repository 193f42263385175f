use castore_aws::RequestError;

/// The error of a pointer that cannot be resolved. It does not contain the URL, which includes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum S3PointerError {
    /// The URL belongs to another host or bucket, to which no request is sent.
    #[error(
        "the pointer is not a URL of the claim check's bucket; if the bucket has other URLs, add them with `also_known_as`"
    )]
    OtherPlace,
    /// The object does not exist. It may have expired.
    #[error("the object of a large message does not exist")]
    Gone,
    /// The object exceeds the maximum size of messages.
    #[error("the object of a large message has more than {limit} bytes")]
    TooLarge {
        /// The maximum size.
        limit: usize,
    },
    /// The object is not text.
    #[error("the object of a large message is not valid UTF-8")]
    NoText,
}

/// A temporary failure with a large message. A later attempt may succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum S3ClaimError {
    /// S3 rejected a request, or was unavailable.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A URL could not be signed, for example because there are no credentials.
    #[error("a URL for a large message could not be signed")]
    Sign,
    /// The URLs of the bucket have an unknown format, from which no key can be extracted.
    #[error("the URLs of bucket {bucket} have an unknown format")]
    Urls {
        /// The name of the bucket.
        bucket: String,
    },
}
