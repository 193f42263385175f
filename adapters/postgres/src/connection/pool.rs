use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::Socket;
use tokio_postgres::config::Config;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};

use crate::errors::{ConnectError, PostgresError};

#[derive(Debug, Clone)]
pub(crate) struct PoolOptions {
    pub(crate) size: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) acquire_timeout: Duration,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) application_name: Option<String>,
    /// Whether the statement timeout is sent as a start-up option, which poolers may reject.
    pub(crate) start_up: bool,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 10,
            // The server starts a process for each connection, which takes seconds on a busy machine. With a shorter
            // limit, connections would fail under load.
            connect_timeout: Duration::from_secs(15),
            // This is also the default of other pools (sqlx, HikariCP), and of `statement_timeout`.
            acquire_timeout: Duration::from_secs(30),
            statement_timeout: Some(Duration::from_secs(30)),
            application_name: None,
            start_up: true,
        }
    }
}

/// Adds the options that apply to each connection.
pub(crate) fn configured(mut config: Config, options: &PoolOptions) -> Config {
    if let Some(name) = &options.application_name {
        config.application_name(name);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(options.connect_timeout);
    }
    if let Some(timeout) = options.statement_timeout.filter(|_| options.start_up) {
        // A start-up option needs no round trip, and the server keeps it when a session is reset.
        let ours = format!("-c statement_timeout={}", timeout.as_millis().max(1));
        let all = match config.get_options() {
            Some(theirs) => format!("{theirs} {ours}"),
            None => ours,
        };
        config.options(all);
    }
    config
}

/// Returns a pool whose connections have the options. The pool does not connect yet.
pub(crate) fn pool<T>(config: Config, tls: T, options: &PoolOptions) -> Result<Pool, ConnectError>
where
    T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
    T::Stream: Sync + Send,
    T::TlsConnect: Sync + Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let config = configured(config, options);
    // Statements do not change the session, so there is nothing to check or reset between two uses.
    let manager = Manager::from_config(config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(options.size.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(options.acquire_timeout))
        // This time limit includes the login, which the driver's own timeout does not cover.
        .create_timeout(Some(options.connect_timeout))
        .build()
        .map_err(|error| ConnectError::Engine(PostgresError::text(error.to_string())))
}
