//! The NATS JetStream message queue and bus adapters of castore.
#![forbid(unsafe_code)]
