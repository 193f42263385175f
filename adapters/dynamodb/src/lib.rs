//! The DynamoDB event storage adapter of [castore](https://docs.rs/castore).
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod item;
mod request;
mod storage;
mod table;

pub use item::{ParseImageError, parse_image};
pub use request::RequestError;
pub use storage::{Builder, DynamoDbEventStorageAdapter};
pub use table::{CreateTableError, CreateTableOptions};
