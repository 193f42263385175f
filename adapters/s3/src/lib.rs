//! A claim check in S3 for the SQS and EventBridge adapters of [castore](https://docs.rs/castore): storage for messages
//! that are too large for the broker. Without a claim check, publishing a message of more than 1 MiB fails permanently.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use castore_s3::S3ClaimCheck;
//!
//! # fn example(client: aws_sdk_s3::Client) -> Result<(), castore_core::error::InvalidOptionError> {
//! let claim_check = Arc::new(S3ClaimCheck::builder(client, "large-messages").prefix("app/").build()?);
//! // Pass it to the builders of publishers and consumers: `builder.claim_check(claim_check.clone())`.
//! # let _ = claim_check;
//! # Ok(())
//! # }
//! ```
//!
//! The publisher stores the JSON of a large message as an object in the bucket, and sends a pointer to the broker
//! instead: `{"messageUrl": "https://…"}` with a presigned URL. The consumer fetches the object, and passes the message
//! to its handler as usual. Therefore publishers and consumers need the same bucket.
//!
//! The format of the pointer is that of the original TypeScript packages `@castore/message-queue-adapter-sqs-s3` and
//! `@castore/message-bus-adapter-event-bridge-s3`. The consumers of the original packages fetch the URL, which works
//! only while its signature is valid (15 minutes by default). The consumers of this crate extract the key from the URL,
//! and fetch the object with the permissions of their own client. Therefore they can also handle a message after the
//! signature has expired.
//!
//! # Dependencies
//! The caller provides the S3 client, which contains an HTTP client, because this crate includes neither TLS nor
//! credentials. The simplest way is to add `aws-config` and `aws-sdk-s3` with their default features. To choose the TLS
//! stack, add both crates with `default-features = false, features = ["rt-tokio"]` (for `aws-config` also
//! `behavior-version-latest`), and set an HTTP client in the configuration. The crate `aws-smithy-http-client` provides
//! one, for example with its feature `rustls-ring`.
//!
//! # Permissions
//! Publishers need `s3:PutObject`, and also `s3:GetObject` because they sign URLs for consumers of the original
//! packages. Consumers need `s3:GetObject` and `s3:ListBucket`. Without `s3:ListBucket`, S3 responds to a request for a
//! missing object with `AccessDenied`, which the adapters treat as a temporary error. They then retry the message until
//! the queue moves it to the dead-letter queue.
//!
//! # Encryption and expiration
//! Configure the encryption and the expiration of objects in the bucket. The claim check stores objects without
//! encryption settings, so that the default of the bucket applies: SSE-S3 or a KMS key. With a KMS key, publishers need
//! `kms:GenerateDataKey`, and also `kms:Decrypt` because they sign URLs for consumers of the original packages.
//! Consumers need `kms:Decrypt`.
//!
//! This crate never deletes objects, because several consumers may read a message, and a message may be redelivered
//! later. Add a lifecycle rule to the bucket that deletes an object when no queue can contain its message any more. The
//! maximum age of a message is the retention period of the queue plus the retention period of the dead-letter queue (at
//! most 14 days each):
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
//! The key of an object is `<prefix><event store>/<aggregate>/<version>-<SHA-256 of the content>.json`. For a message
//! without an event, `exists` replaces the version. A message that is sent again is stored under the same key with the
//! same content. Long ids are truncated. Each byte of an id that is not an ASCII letter, a digit, `-` or `_` is written
//! as `!` and two hexadecimal digits, so that these parts of a key need no escaping in URLs.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod builder;
mod claim_check;
mod error;
mod key;
mod place;
mod pointer;

/// The AWS SDK crate that provides the client of claim checks.
pub use aws_sdk_s3;
pub use builder::S3ClaimCheckBuilder;
pub use claim_check::S3ClaimCheck;
pub use error::{S3ClaimError, S3PointerError};
