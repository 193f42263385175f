//! The table's stream: a change log, shard by shard.

mod attribute;
mod cursors;
mod error;
mod log;
mod reader;
mod record;
mod shard;

pub use cursors::{StreamCursors, StreamStart};
pub use error::StreamError;
pub use log::DynamoDbStreamLog;
pub use reader::StreamReader;

pub(crate) use record::change_of;
pub use record::{StreamChange, StreamRecord};
pub use shard::Shard;
