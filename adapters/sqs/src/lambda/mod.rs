//! Messages of a queue that invokes a Lambda function.

mod handler;
mod message;

pub use handler::SqsLambdaHandler;
pub use message::SqsMessageQueueMessage;
