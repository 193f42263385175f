use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_postgres::config::Config;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Error, Socket};

use super::{notify, wake};
use crate::connection::{PoolOptions, configured};

/// The maximum delay of a notification. A connection without a notification after this time does not support `LISTEN`.
const PROBE: Duration = Duration::from_secs(5);

/// The initial and the maximum pause between attempts to connect.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

type Messages = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send>;
type Connect = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(Client, Messages), Error>> + Send>> + Send + Sync;

/// The means to open connections that receive notifications, because connections of a pool do not receive any.
pub(crate) struct Listener {
    connect: Box<Connect>,
    /// Whether a proxy between this process and the server does not forward notifications.
    is_deaf: AtomicBool,
}

impl Listener {
    pub(crate) fn new<T>(config: &Config, tls: T, options: &PoolOptions) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let config = configured(config.clone(), options);
        let connect = move || -> Pin<Box<dyn Future<Output = _> + Send>> {
            let (config, tls) = (config.clone(), tls.clone());
            Box::pin(async move {
                let (client, mut connection) = config.connect(tls).await?;
                let messages: Messages = Box::new(move |context| connection.poll_message(context));
                Ok((client, messages))
            })
        };
        Self { connect: Box::new(connect), is_deaf: AtomicBool::new(false) }
    }

    pub(super) fn is_deaf(&self) -> bool {
        self.is_deaf.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// The task that listens. It ends when this value is dropped.
pub(super) struct Listening {
    channel: String,
    task: AbortHandle,
}

impl Listening {
    pub(super) fn start(channel: String, task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { channel, task: tokio::spawn(task).abort_handle() }
    }

    pub(super) fn is_for(&self, channel: &str) -> bool {
        self.channel == channel && !self.task.is_finished()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Wakes the readers when another adapter notifies, and when notifications may have been missed.
pub(super) async fn listen(
    listener: Arc<Listener>,
    pool: Pool,
    channel: String,
    instance: Arc<str>,
    changes: watch::Sender<u64>,
) {
    let mut pause = RECONNECT.0;
    loop {
        match (listener.connect)().await {
            Ok((client, messages)) => {
                let is_deaf = follow(client, messages, &pool, &channel, &instance, &changes, &mut pause).await;
                if is_deaf {
                    tracing::warn!(notify_channel = channel, "notifications do not arrive, so readers of the log poll");
                    listener.is_deaf.store(true, Ordering::Relaxed);
                    return;
                }
            }
            Err(error) => {
                let error = crate::errors::PostgresError::from(error);
                tracing::debug!(%error, "could not listen for pushes of other processes");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RECONNECT.1);
    }
}

/// Listens until the connection is lost, or until it is clear that a proxy does not forward notifications. Returns
/// `true` in the second case.
async fn follow(
    client: Client,
    mut messages: Messages,
    pool: &Pool,
    channel: &str,
    instance: &str,
    changes: &watch::Sender<u64>,
    pause: &mut Duration,
) -> bool {
    let probe = format!("probe {instance}");
    let heard = AtomicBool::new(false);
    let mut ask = pin!(async {
        client.batch_execute(&format!("LISTEN \"{channel}\"")).await?;
        *pause = RECONNECT.0;
        // Wakes the readers for events that were pushed before the connection listened.
        wake(changes);
        // The probe is sent over another connection, because a proxy might forward notifications only to the connection
        // that sent them.
        if notify::send(pool, channel, &probe).await.is_ok() {
            tokio::time::sleep(PROBE).await;
            if !heard.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        std::future::pending::<Result<(), Error>>().await
    });
    poll_fn(|context| {
        loop {
            match messages(context) {
                Poll::Ready(Some(Ok(AsyncMessage::Notification(said)))) => {
                    heard.store(true, Ordering::Relaxed);
                    // Pushes through this adapter have already woken the readers.
                    if said.payload() != instance && !said.payload().starts_with("probe ") {
                        wake(changes);
                    }
                }
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(false),
                Poll::Pending => break,
            }
        }
        ask.as_mut().poll(context).map(|listened| listened.is_ok())
    })
    .await
}
