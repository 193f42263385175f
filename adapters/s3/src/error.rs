use castore_aws::RequestError;

/// A pointer to a large message does not lead to it. The URL in it is not told: it has a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum S3PointerError {
    /// It is the URL of another host or another bucket, and nothing is asked of those.
    #[error(
        "the pointer is no URL of the bucket of the claim check; if the bucket has other URLs, name them to its builder"
    )]
    OtherPlace,
    /// There is no such object: it may have expired.
    #[error("the object of a large message is gone")]
    Gone,
    /// The object is larger than messages may be.
    #[error("the object of a large message has more than {limit} bytes")]
    TooLarge {
        /// How large messages may be.
        limit: usize,
    },
    /// The object is no text.
    #[error("the object of a large message is not in UTF-8")]
    NoText,
}

/// Something could not be done with a large message, and may be later.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum S3ClaimError {
    /// S3 refused a request, or was unavailable.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A URL could not be signed, because there are no credentials for example.
    #[error("a URL for a large message could not be signed")]
    Sign,
    /// The URLs of the bucket are not of a form that keys can be read from.
    #[error("the URLs of bucket {bucket} cannot be read")]
    Urls {
        /// The bucket.
        bucket: String,
    },
}
