//! Large messages of castore in S3: the claim check of its SQS and EventBridge adapters.
#![forbid(unsafe_code)]
