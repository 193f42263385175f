//! Publishing from a Lambda function that the table's stream invokes.

mod event;
mod handler;
mod progress;

pub use event::{LambdaStreamEvent, LambdaStreamRecord};
pub use handler::{LambdaBatchResponse, LambdaItemFailure, LambdaStreamHandler, LambdaStreamHandlerBuilder};
