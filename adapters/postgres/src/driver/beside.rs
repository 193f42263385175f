use std::future::poll_fn;
use std::time::Duration;

use castore_core::future::BoxFuture;
use deadpool_postgres::ClientWrapper;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Mutex, mpsc};
use tokio_postgres::config::Config;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Connection, Socket};

#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use super::sqlx;
use super::{Client, DriverError, Native, Pool};
use crate::errors::PostgresError;
use crate::statement::{Parameter, Prepared, Session, Visit};

/// A connection in addition to the connections of a pool. It executes statements and receives notifications at the same
/// time, so that all adapters of a database need only one additional connection.
pub(crate) enum Beside {
    /// A connection of the native driver that receives notifications.
    Native(Client, Notifications),
    #[cfg(feature = "sqlx-0_8")]
    Sqlx08(sqlx::v08::Listening),
    #[cfg(feature = "sqlx-0_9")]
    Sqlx09(sqlx::v09::Listening),
    /// A connection that was taken out of its pool. The connections of a pool do not forward notifications.
    Detached(Client),
}

/// The notifications that were received, each as its channel and its payload.
pub(crate) type Notifications = Mutex<mpsc::UnboundedReceiver<(String, String)>>;

/// A function that opens a connection which receives notifications.
pub(crate) type Connect = Box<dyn Fn() -> BoxFuture<'static, Result<Beside, PostgresError>> + Send + Sync>;

/// Returns a function that opens connections with a configuration of the native driver. `timeout` is the time limit for
/// opening a connection, including the login.
pub(crate) fn connect_with<T>(config: Config, tls: T, timeout: Duration) -> Connect
where
    T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
    T::Stream: Sync + Send,
    T::TlsConnect: Sync + Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    Box::new(move || {
        let (config, tls) = (config.clone(), tls.clone());
        Box::pin(async move {
            let connected = tokio::time::timeout(timeout, config.connect(tls)).await;
            let connected = connected.map_err(|_| PostgresError::connect_timed_out())?;
            let (client, connection) = connected.map_err(|error| PostgresError::connecting(error.into()))?;
            let (send, receive) = mpsc::unbounded_channel();
            // The wrapper aborts the task when it is dropped.
            let client = ClientWrapper::new(client, tokio::spawn(forward(connection, send)));
            Ok(Beside::Native(Client::Native(Native::Detached(client)), Mutex::new(receive)))
        })
    })
}

/// Returns a function that opens connections with the options of the given pool, which the caller has created. Returns
/// `None` if the driver does not provide these options.
pub(crate) fn connect_like(pool: &Pool) -> Option<Connect> {
    match pool {
        Pool::Native(_) => None,
        #[cfg(feature = "sqlx-0_8")]
        Pool::Sqlx08(pool) => {
            let pool = pool.clone();
            Some(Box::new(move || {
                let pool = pool.clone();
                Box::pin(async move { sqlx::v08::Listening::open(pool).await.map(Beside::Sqlx08) })
            }))
        }
        #[cfg(feature = "sqlx-0_9")]
        Pool::Sqlx09(pool) => {
            let pool = pool.clone();
            Some(Box::new(move || {
                let pool = pool.clone();
                Box::pin(async move { sqlx::v09::Listening::open(pool).await.map(Beside::Sqlx09) })
            }))
        }
    }
}

/// Drives a connection, and forwards its notifications, until the connection ends.
async fn forward<S, T>(mut connection: Connection<S, T>, send: mpsc::UnboundedSender<(String, String)>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(notification) = message {
            // The receiver is dropped together with the client, and this task is then aborted.
            let _ = send.send((notification.channel().to_owned(), notification.payload().to_owned()));
        }
    }
}

impl Beside {
    /// Returns whether the connection can receive notifications.
    pub(crate) fn receives(&self) -> bool {
        !matches!(self, Self::Detached(_))
    }

    /// Returns the channel and the payload of the next notification, or `None` if the connection is lost. Dropping the
    /// future loses no notification.
    pub(crate) async fn next(&self) -> Option<(String, String)> {
        match self {
            Self::Native(_, notifications) => notifications.lock().await.recv().await,
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(listening) => listening.next().await,
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(listening) => listening.next().await,
            Self::Detached(_) => None,
        }
    }
}

/// Evaluates an expression with the inner connection, for every driver.
macro_rules! of_connection {
    ($beside:expr, $inner:ident => $result:expr) => {
        match $beside {
            Beside::Native($inner, _) | Beside::Detached($inner) => $result,
            #[cfg(feature = "sqlx-0_8")]
            Beside::Sqlx08($inner) => $result,
            #[cfg(feature = "sqlx-0_9")]
            Beside::Sqlx09($inner) => $result,
        }
    };
}

impl Session for Beside {
    const PIPELINES: bool = false;

    async fn prepare<'a>(&self, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
        of_connection!(self, connection => connection.prepare(sql).await)
    }

    async fn run(
        &self,
        statement: &Prepared<'_>,
        parameters: &[&dyn Parameter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, DriverError> {
        of_connection!(self, connection => connection.run(statement, parameters, visit).await)
    }

    async fn batch(&self, sql: &str) -> Result<(), DriverError> {
        of_connection!(self, connection => connection.batch(sql).await)
    }
}
