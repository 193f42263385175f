use std::future::Future;

use super::{MessageContext, ReceivedMessage};
use crate::consumer::{ClassifyError, HandlerError};
use crate::future::BoxFuture;

/// Wraps a handler whose own error type chooses the [`FailureAction`](crate::consumer::FailureAction):
/// `listener.on(filter, classified(send_mail))`.
///
/// The handler is a function or a closure. A closure needs annotations for its parameter types, because the compiler
/// cannot infer them here. A handler that returns [`HandlerError`] converts a classified error with
/// `.map_err(HandlerError::classified)?`, because `?` alone would discard the action that the error chooses.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// use castore::consumer::{ClassifyError, FailureAction, classified};
///
/// #[derive(Debug, thiserror::Error)]
/// enum MailError {
///     #[error("the mail server is unavailable")]
///     ServerUnavailable,
///     #[error("no such address")]
///     NoSuchAddress,
///     #[error("the trainer does not want any mail")]
///     NotWanted,
/// }
///
/// impl ClassifyError for MailError {
///     fn action(&self) -> FailureAction {
///         match self {
///             Self::ServerUnavailable => FailureAction::Retry,
///             Self::NoSuchAddress => FailureAction::Park,
///             Self::NotWanted => FailureAction::Skip,
///         }
///     }
/// }
///
/// async fn send_mail(message: ReceivedMessage<NotificationMessage<Pokemon>>, _: MessageContext) -> Result<(), MailError> {
///     if message.event.version == 1 { Ok(()) } else { Err(MailError::NotWanted) }
/// }
///
/// # fn main() {
/// # let app_bus = AppBus::new();
/// let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
/// listener.on(Filter::store::<Pokemon>(), classified(send_mail));
/// # }
/// ```
pub fn classified<M, F, Fut, E>(
    handler: F,
) -> impl Fn(ReceivedMessage<M>, MessageContext) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync + 'static
where
    M: Send + Sync + 'static,
    F: Fn(ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: ClassifyError,
{
    move |message, context| {
        let handled = handler(message, context);
        Box::pin(async move { handled.await.map_err(HandlerError::classified) })
    }
}
