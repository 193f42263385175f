use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::{NativeConnection, Notifications};
use super::notify;
use super::subscriptions::Subscriptions;
use crate::connection::PoolOptions;
use crate::driver::Pool;
use crate::errors::PostgresError;
use tokio_postgres::Socket;
use tokio_postgres::config::Config;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};

/// The payload of a notification that only tests whether the connection forwards notifications.
const PROBE: &str = "probe";

/// The time limit for the first notification after the probe was sent. If none arrives in time, the listener assumes
/// that a proxy on the connection does not forward notifications.
const PROBE_ARRIVES_WITHIN: Duration = Duration::from_secs(5);

/// The initial and the maximum pause between attempts to connect.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

type Connecting = Pin<Box<dyn Future<Output = Result<Box<dyn Notifications>, PostgresError>> + Send>>;

/// A receiver of notifications for all adapters of a pool. The listener uses a connection outside of the pool, because
/// the connections of a pool do not forward notifications.
pub(crate) struct Listener {
    connect: Box<dyn Fn() -> Connecting + Send + Sync>,
    /// Whether the probe has not arrived in time, so that a proxy between this process and the server probably does not
    /// forward notifications.
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
        let config = crate::connection::configured(config.clone(), options);
        Self::connecting(move || {
            let (config, tls) = (config.clone(), tls.clone());
            Box::pin(async move {
                let (client, connection) = config.connect(tls).await?;
                Ok(Box::new(NativeConnection::new(client, connection)) as Box<dyn Notifications>)
            })
        })
    }

    /// Returns a listener for a pool that the caller has created, if the driver can open a connection like those of the
    /// pool.
    pub(crate) fn beside(pool: &Pool) -> Option<Self> {
        match pool {
            Pool::Native(_) => None,
            #[cfg(feature = "sqlx-0_8")]
            Pool::Sqlx08(pool) => {
                let pool = pool.clone();
                Some(Self::connecting(move || Box::pin(crate::driver::sqlx::v08::listen(pool.clone()))))
            }
            #[cfg(feature = "sqlx-0_9")]
            Pool::Sqlx09(pool) => {
                let pool = pool.clone();
                Some(Self::connecting(move || Box::pin(crate::driver::sqlx::v09::listen(pool.clone()))))
            }
        }
    }

    fn connecting(connect: impl Fn() -> Connecting + Send + Sync + 'static) -> Self {
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

/// Wakes the readers whenever another adapter notifies, and whenever notifications may have been missed. The task ends
/// if the probe does not arrive in time, and is aborted when the last subscription is dropped.
pub(super) async fn listen(listener: Arc<Listener>, pool: Pool) {
    let mut pause = RECONNECT.0;
    loop {
        match (listener.connect)().await {
            Ok(connection) => {
                let is_deaf = follow(&listener, connection, &pool, &mut pause).await.is_ok();
                if is_deaf {
                    tracing::warn!("notifications do not arrive, so readers of the log poll");
                    listener.is_deaf.store(true, Ordering::Relaxed);
                    return;
                }
            }
            Err(error) => tracing::debug!(%error, "could not listen for pushes of other processes"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RECONNECT.1);
    }
}

/// The loss of the connection, as an error.
struct Lost;

/// Listens to the channels of all subscriptions, as they change, until the connection is lost. Returns `Ok` if the
/// probe did not arrive in time.
async fn follow(
    listener: &Listener,
    mut connection: Box<dyn Notifications>,
    pool: &Pool,
    pause: &mut Duration,
) -> Result<(), Lost> {
    let (mut listened, mut probe) = (BTreeSet::new(), Probe::NotSent);
    loop {
        let channels = listener.subscriptions.channels();
        let new: BTreeSet<String> = channels.difference(&listened).cloned().collect();
        let old: BTreeSet<String> = listened.difference(&channels).cloned().collect();
        connection.listen(&new, &old).await.map_err(|_| Lost)?;
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
        if !receive(listener, &mut *connection, &mut probe).await? {
            return Ok(());
        }
    }
}

/// Receives notifications until the subscriptions change. Returns `false` if the probe is late.
async fn receive(listener: &Listener, connection: &mut dyn Notifications, probe: &mut Probe) -> Result<bool, Lost> {
    loop {
        let late = async {
            match probe {
                Probe::Until(until) => tokio::time::sleep_until(*until).await,
                Probe::NotSent | Probe::Done => std::future::pending().await,
            }
        };
        let notification = tokio::select! {
            notification = connection.next() => notification.ok_or(Lost)?,
            () = listener.subscriptions.changed.notified() => return Ok(true),
            () = late => return Ok(false),
        };
        *probe = Probe::Done;
        let (channel, payload) = notification;
        if !payload.starts_with(PROBE) {
            listener.subscriptions.notified(&channel, &payload);
        }
    }
}

/// The state of the probe. Any notification that arrives ends the check.
enum Probe {
    NotSent,
    Until(Instant),
    Done,
}
