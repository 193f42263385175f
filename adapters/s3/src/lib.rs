//! Large messages of [castore](https://docs.rs/castore) in S3: the claim check of the SQS and EventBridge adapters.
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
//! A message that is too large for the broker is stored as an object, whose content is the JSON of the message. The
//! broker receives a pointer instead, `{"messageUrl": "https://…"}` with a presigned URL. The format is that of the
//! original `@castore/message-queue-adapter-sqs-s3` and `@castore/message-bus-adapter-event-bridge-s3`, whose
//! consumers fetch the URL while its signature is valid. The consumers of this crate extract the key from the URL and
//! fetch the object with the permissions of their own client, so that they can also handle messages whose signature
//! has expired.
//!
//! # Dependencies
//! The caller provides the client and its HTTP client: this crate includes neither TLS nor credentials. The shortest
//! way is to add `aws-config` and `aws-sdk-s3` with their default features. To choose the TLS stack, add both with
//! `default-features = false, features = ["rt-tokio"]` (for `aws-config` also `behavior-version-latest`), and set an
//! HTTP client of `aws-smithy-http-client` in the configuration, for example with its feature `rustls-ring`.
//!
//! # Permissions
//! Publishers need `s3:PutObject`, and also `s3:GetObject` because they sign URLs for consumers of the original
//! packages. Consumers need `s3:GetObject`. Grant them `s3:ListBucket` as well: without it, S3 reports a missing object
//! as a denied access. The adapters treat that as a temporary failure, and retry the message until the queue moves it
//! to the dead letters.
//!
//! # Encryption and expiration
//! Both are configured in the bucket. Objects are stored without encryption settings, so that the default of the bucket
//! applies: SSE-S3, or a KMS key, for which publishers need `kms:GenerateDataKey` and consumers `kms:Decrypt`.
//!
//! This crate never deletes objects, because several consumers may read a message, and a replay may read it later. Add
//! a lifecycle rule to the bucket that deletes objects older than any message. The maximum age of a message is the
//! retention period of its queue plus that of the dead-letter queue (at most 14 days each):
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
//! `<prefix><event store>/<aggregate>/<version>-<SHA-256 of the content>.json`. A message that is sent again is
//! stored under the same key with the same content. Each byte of an id that is not a letter, a digit, `-` or `_` is
//! written as `!` and two hexadecimal digits, so that keys need no escaping in URLs.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

mod builder;
mod claim_check;
mod error;
mod key;
mod place;
mod pointer;

/// The AWS SDK crate whose client claim checks use.
pub use aws_sdk_s3;
pub use builder::S3ClaimCheckBuilder;
pub use claim_check::S3ClaimCheck;
pub use error::{S3ClaimError, S3PointerError};
