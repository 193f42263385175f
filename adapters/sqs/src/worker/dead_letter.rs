use castore_aws::{Request, RequestError};
use castore_core::channel::MessageChannel;

use super::receive::Taken;
use super::shared::Shared;
use crate::queue_url::is_fifo;
use crate::{QueueUrl, QueueUrlError};

/// The error of moving a message to the dead-letter queue.
#[derive(Debug, thiserror::Error)]
pub(super) enum MoveError {
    #[error(transparent)]
    QueueUrl(#[from] QueueUrlError),
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl<C: MessageChannel> Shared<C> {
    /// Sends a message unchanged to the dead-letter queue. Does not delete the message from the worker's queue.
    pub(super) async fn send_to(&self, dead_letters: &QueueUrl, message: &Taken) -> Result<(), MoveError> {
        let queue = &self.queue;
        let queue_url = dead_letters.get(&queue.client, &queue.policy).await?;
        let attributes = Some(message.attributes.clone()).filter(|attributes| !attributes.is_empty());
        let send = Request::new("SQS", "SendMessage", &queue.policy).send(|| {
            let request = queue.client.send_message().queue_url(queue_url);
            let request = request.set_message_body(message.body.clone()).set_message_attributes(attributes.clone());
            if is_fifo(queue_url) {
                // With this deduplication id, the dead-letter queue drops the message if a previous attempt has already
                // sent it, but could not delete it from the worker's queue.
                let group_id = message.group_id.as_ref().unwrap_or(&message.message_id);
                request.message_group_id(group_id).message_deduplication_id(&message.message_id).send()
            } else {
                request.send()
            }
        });
        send.await?;
        Ok(())
    }
}
