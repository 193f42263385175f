use std::collections::BTreeSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use castore_core::error::error_chain;
use deadpool_postgres::Pool;
use tokio::time::Instant;
use tokio_postgres::config::Config;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Error, Socket};

use super::notify;
use super::subscriptions::Subscriptions;
use crate::connection::{PoolOptions, configured};

/// The payload of a notification that only tests whether the connection forwards notifications.
const PROBE: &str = "probe";

/// The maximum time that a notification takes to arrive. If none arrives in time, a proxy on the connection does not
/// forward notifications.
const PROBE_ARRIVES_WITHIN: Duration = Duration::from_secs(5);

/// The initial and the maximum pause between attempts to connect.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

type Messages = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send>;
type Connect = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(Client, Messages), Error>> + Send>> + Send + Sync;

/// A receiver of notifications for all adapters of a pool. It uses a connection outside of the pool, because the
/// connections of a pool do not forward notifications.
pub(crate) struct Listener {
    connect: Box<Connect>,
    /// Whether a proxy between this process and the server does not forward notifications.
    is_deaf: AtomicBool,
    pub(super) subscriptions: Subscriptions,
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
        Self { connect: Box::new(connect), is_deaf: AtomicBool::new(false), subscriptions: Subscriptions::default() }
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

/// Wakes the readers whenever another adapter notifies, and whenever notifications may have been missed. The task is
/// aborted when the last subscription is dropped.
pub(super) async fn listen(listener: Arc<Listener>, pool: Pool) {
    let mut pause = RECONNECT.0;
    loop {
        match (listener.connect)().await {
            Ok((client, messages)) => {
                let is_deaf = follow(&listener, client, messages, &pool, &mut pause).await;
                if is_deaf {
                    tracing::warn!("notifications do not arrive, so readers of the log poll");
                    listener.is_deaf.store(true, Ordering::Relaxed);
                    return;
                }
            }
            Err(error) => {
                let error = crate::errors::PostgresError::from(error);
                tracing::debug!(error = error_chain(&error), "could not listen for pushes of other processes");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RECONNECT.1);
    }
}

/// Listens until the connection is lost, or until it is clear that a proxy does not forward notifications. Returns
/// `true` in the second case.
async fn follow(
    listener: &Listener,
    client: Client,
    mut messages: Messages,
    pool: &Pool,
    pause: &mut Duration,
) -> bool {
    let heard = AtomicBool::new(false);
    let mut ask = pin!(ask(listener, &client, pool, &heard, pause));
    poll_fn(|context| {
        loop {
            match messages(context) {
                Poll::Ready(Some(Ok(AsyncMessage::Notification(said)))) => {
                    heard.store(true, Ordering::Relaxed);
                    if !said.payload().starts_with(PROBE) {
                        listener.subscriptions.notified(said.channel(), said.payload());
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

/// Makes the connection listen to the channels of all subscriptions, and follows changes of the subscriptions. Returns
/// `Ok` if the connection does not forward notifications.
async fn ask(
    listener: &Listener,
    client: &Client,
    pool: &Pool,
    heard: &AtomicBool,
    pause: &mut Duration,
) -> Result<(), Error> {
    let mut listened = BTreeSet::new();
    // The first notification is a probe, which must arrive in time.
    let mut probe = Probe::NotSent;
    loop {
        let channels = listener.subscriptions.channels();
        let new: BTreeSet<String> = channels.difference(&listened).cloned().collect();
        let sql = new.iter().map(|channel| format!("LISTEN \"{channel}\"; "));
        let sql = sql.chain(listened.difference(&channels).map(|channel| format!("UNLISTEN \"{channel}\"; ")));
        let sql: String = sql.collect();
        if !sql.is_empty() {
            client.batch_execute(&sql).await?;
        }
        *pause = RECONNECT.0;
        listened = channels;
        // Wakes the readers for events that were pushed before the connection listened.
        listener.subscriptions.wake(&new);
        if let (Probe::NotSent, Some(channel)) = (&probe, listened.first()) {
            // The probe is sent over another connection, because a proxy might return a connection's own notifications
            // to it.
            let sent = notify::send(pool, channel, PROBE).await.is_ok();
            probe = if sent { Probe::Until(Instant::now() + PROBE_ARRIVES_WITHIN) } else { Probe::Done };
        }
        let changed = listener.subscriptions.changed.notified();
        let Probe::Until(until) = probe else {
            changed.await;
            continue;
        };
        let is_late = tokio::select! {
            () = changed => false,
            () = tokio::time::sleep_until(until) => true,
        };
        if is_late {
            if !heard.load(Ordering::Relaxed) {
                return Ok(());
            }
            probe = Probe::Done;
        }
    }
}

enum Probe {
    NotSent,
    Until(Instant),
    Done,
}
