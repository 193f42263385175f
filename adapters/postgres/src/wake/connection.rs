use std::collections::{BTreeSet, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, Client, Connection, Error};

use crate::errors::PostgresError;

/// A connection that receives notifications.
#[async_trait]
pub(crate) trait Notifications: Send {
    /// Changes the channels to which the connection listens.
    ///
    /// # Errors
    /// [`PostgresError`] if the channels could not be changed. The caller must then treat the connection as lost.
    async fn listen(&mut self, new: &BTreeSet<String>, old: &BTreeSet<String>) -> Result<(), PostgresError>;

    /// Returns the channel and the payload of the next notification, or `None` if the connection is lost. Dropping the
    /// future loses no notification.
    async fn next(&mut self) -> Option<(String, String)>;
}

type Messages = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send>;

/// A connection of the native driver.
pub(super) struct NativeConnection {
    client: Client,
    messages: Messages,
    /// Notifications that arrived before the response to a statement.
    received: VecDeque<(String, String)>,
}

impl NativeConnection {
    pub(super) fn new<S, T>(client: Client, mut connection: Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self { client, messages: Box::new(move |context| connection.poll_message(context)), received: VecDeque::new() }
    }
}

#[async_trait]
impl Notifications for NativeConnection {
    async fn listen(&mut self, new: &BTreeSet<String>, old: &BTreeSet<String>) -> Result<(), PostgresError> {
        let sql = new.iter().map(|channel| format!("LISTEN \"{channel}\"; "));
        let sql: String = sql.chain(old.iter().map(|channel| format!("UNLISTEN \"{channel}\"; "))).collect();
        if sql.is_empty() {
            return Ok(());
        }
        let Self { client, messages, received } = self;
        let mut done = pin!(client.batch_execute(&sql));
        let done = poll_fn(|context| {
            // The client's requests advance only while the messages of the connection are polled.
            let is_lost = loop {
                match messages(context) {
                    Poll::Ready(Some(Ok(AsyncMessage::Notification(said)))) => {
                        received.push_back((said.channel().to_owned(), said.payload().to_owned()));
                    }
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(_)) | None) => break true,
                    Poll::Pending => break false,
                }
            };
            match done.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(done.map_err(PostgresError::from)),
                Poll::Pending if is_lost => Poll::Ready(Err(PostgresError::text("the connection is lost"))),
                Poll::Pending => Poll::Pending,
            }
        });
        done.await
    }

    async fn next(&mut self) -> Option<(String, String)> {
        if let Some(received) = self.received.pop_front() {
            return Some(received);
        }
        poll_fn(|context| {
            loop {
                match (self.messages)(context) {
                    Poll::Ready(Some(Ok(AsyncMessage::Notification(said)))) => {
                        return Poll::Ready(Some((said.channel().to_owned(), said.payload().to_owned())));
                    }
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}
