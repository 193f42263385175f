use castore_core::channel::{PublishError, RejectedMessage, one_by_one};
use castore_core::consumer::UndecodedMessage;
use castore_core::message::{ChannelMessage, StoredMessage};

/// Publishes messages about stored events one after the other, each with `publish`. Messages that this program cannot
/// decode are also passed to `publish`, because with a broker, which carries JSON, the consumer decides what happens to
/// them.
pub(super) async fn publish_stored<M: ChannelMessage, Fut>(
    messages: Vec<StoredMessage<M>>,
    replay: bool,
    publish: impl Fn(Result<M, UndecodedMessage>) -> Fut,
) -> Result<(), PublishError>
where
    Fut: Future<Output = Result<(), PublishError>>,
{
    let publish = &publish;
    one_by_one(
        messages,
        |stored| (stored.event_store_id.clone(), stored.event.aggregate_id.clone()),
        |stored| async move {
            match UndecodedMessage::decode(stored, replay) {
                Ok(message) => publish(message).await,
                Err(error) => {
                    Err(PublishError::Rejected { total: 1, rejected: vec![RejectedMessage::new(0, true, error)] })
                }
            }
        },
    )
    .await
}
