//! The Postgres event storage adapter of [castore](https://docs.rs/castore).
#![forbid(unsafe_code)]
