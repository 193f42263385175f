//! Large messages of [castore](https://docs.rs/castore) in S3: the claim check of its SQS and EventBridge adapters.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use castore_s3::S3ClaimCheck;
//!
//! # fn example(client: aws_sdk_s3::Client) -> Result<(), castore_core::error::InvalidOptionError> {
//! let claim_check = Arc::new(S3ClaimCheck::builder(client, "large-messages").prefix("app/").build()?);
//! // For publishers: `….claim_check(claim_check.clone())` of an adapter's builder. For consumers the same.
//! # let _ = claim_check;
//! # Ok(())
//! # }
//! ```
//!
//! A message that is too large for the broker becomes an object, whose content is the JSON of the message. The broker gets
//! a pointer in its place, `{"messageUrl": "https://…"}` with a presigned URL, as the original
//! `@castore/message-queue-adapter-sqs-s3` and `@castore/message-bus-adapter-event-bridge-s3` write and read it: their
//! consumers fetch the URL while its signature is valid. Those of this crate take the key out of the URL, and get the object
//! with the rights of their own client, so that a message may be old when it is handled.
//!
//! # What to add
//! The client is yours, and so is its HTTP client: this crate brings neither TLS nor credentials. The shortest way is
//! `aws-config` and `aws-sdk-s3` with their default features. To choose the TLS stack, take both with
//! `default-features = false, features = ["rt-tokio"]` (for `aws-config`, `behavior-version-latest` too), and give the
//! configuration an HTTP client of `aws-smithy-http-client`, with its feature `rustls-ring`, say.
//!
//! # Rights
//! Publishers need `s3:PutObject` for the objects, and, since it is they who sign URLs for consumers of the original,
//! `s3:GetObject`. Consumers need `s3:GetObject`. Give them `s3:ListBucket`, too: without it S3 says of an object that is
//! gone that access is denied, which may pass, so that a message without its content is tried again for as long as its
//! queue lets it.
//!
//! # Encryption and expiry
//! Both are the bucket's. Objects are put without any word of encryption, so that the bucket's default applies (SSE-S3,
//! or a KMS key, which publishers then have to be allowed to use for `kms:GenerateDataKey` and consumers for
//! `kms:Decrypt`). This crate never deletes anything: many consumers may read a message, now or when it is replayed. Let a
//! lifecycle rule of the bucket delete what is older than any message can be, that is the retention of queues and their
//! dead-letter queues together (14 days each at most):
//!
//! ```json
//! {"Rules": [{
//!     "ID": "large-messages",
//!     "Status": "Enabled",
//!     "Filter": {"Prefix": "app/"},
//!     "Expiration": {"Days": 30},
//!     "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}
//! }]}
//! ```
//!
//! # Keys
//! `<prefix><event store>/<aggregate>/<version>-<SHA-256 of the content>.json`. A message that is sent again is kept in the
//! same place, with the same content. Characters of ids other than letters, digits, `-` and `_` are written as `!` and two
//! hexadecimal digits for each of their bytes, so that there is nothing in a key that must be escaped in a URL.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod builder;
mod claim_check;
mod error;
mod key;
mod place;
mod pointer;

/// The client that claim checks are given.
pub use aws_sdk_s3;
pub use builder::S3ClaimCheckBuilder;
pub use claim_check::S3ClaimCheck;
pub use error::{S3ClaimError, S3PointerError};
