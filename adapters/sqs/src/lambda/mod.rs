//! Handling the messages of a queue in a Lambda function.

mod builder;
mod handler;
mod message;
mod record;

pub use builder::SqsLambdaHandlerBuilder;
pub use handler::SqsLambdaHandler;
pub use message::{SqsMessageQueueMessage, SqsMessageQueueMessageBody};
pub use record::SqsMessageQueueRecord;
