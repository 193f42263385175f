//! The SQS message queue adapter of castore.
#![forbid(unsafe_code)]
