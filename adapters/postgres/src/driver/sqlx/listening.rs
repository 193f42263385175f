/// Generates the connection that receives notifications, for one version of sqlx. The calling module must also use
/// `sqlx_version`.
macro_rules! sqlx_listening {
    () => {
        use std::sync::atomic::{AtomicBool, Ordering};

        use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
        use tokio::sync::Notify;

        use $crate::pipeline::in_order;

        /// A connection that receives notifications, and executes statements in between.
        pub(crate) struct Listening {
            listener: Mutex<PgListener>,
            /// The signal that interrupts the receiver of notifications, so that a statement can be executed.
            interrupted: Notify,
            /// Whether the connection is lost. If so, the listener must not be used again, because it would silently
            /// open another connection.
            is_lost: AtomicBool,
        }

        impl Listening {
            /// Opens a connection like those of the pool.
            pub(in $crate::driver) async fn open(pool: PgPool) -> Result<Self, PostgresError> {
                let options = PgConnectOptions::clone(&pool.connect_options());
                // A separate pool of one connection, so that the listener takes no connection from the caller's pool.
                let beside = PgPoolOptions::new()
                    .max_connections(1)
                    .max_lifetime(None)
                    .idle_timeout(None)
                    .acquire_timeout(pool.options().get_acquire_timeout())
                    .connect_lazy_with(options);
                let mut listener = PgListener::connect_with(&beside)
                    .await
                    .map_err(|error| PostgresError::connecting(failed(error)))?;
                listener.eager_reconnect(false);
                Ok(Self { listener: Mutex::new(listener), interrupted: Notify::new(), is_lost: AtomicBool::new(false) })
            }

            /// Returns the channel and the payload of the next notification, or `None` if the connection is lost.
            /// Dropping the future loses no notification.
            pub(in $crate::driver) async fn next(&self) -> Option<(String, String)> {
                loop {
                    let mut listener = self.listener.lock().await;
                    if self.is_lost.load(Ordering::Relaxed) {
                        return None;
                    }
                    let received = tokio::select! {
                        received = listener.try_recv() => received,
                        () = self.interrupted.notified() => continue,
                    };
                    let Ok(Some(notification)) = received else {
                        self.is_lost.store(true, Ordering::Relaxed);
                        return None;
                    };
                    return Some((notification.channel().to_owned(), notification.payload().to_owned()));
                }
            }

            /// Interrupts the receiver of notifications, and returns the connection.
            async fn lock(&self) -> Result<MutexGuard<'_, PgListener>, DriverError> {
                // The lock is fair, and this request is in the queue of the lock before the receiver is interrupted.
                // Therefore this request gets the lock before the receiver can get it again.
                let (listener, ()) = in_order(self.listener.lock(), async { self.interrupted.notify_one() }).await;
                if self.is_lost.load(Ordering::Relaxed) {
                    return Err(failed(sqlx::Error::Io(std::io::ErrorKind::NotConnected.into())));
                }
                Ok(listener)
            }
        }

        /// Returns the open connection of a listener.
        async fn open(listener: &mut PgListener) -> Result<&mut PgConnection, DriverError> {
            sqlx::Acquire::acquire(listener).await.map_err(failed)
        }

        impl Session for Listening {
            const PIPELINES: bool = false;

            async fn prepare<'a>(&self, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
                let mut listener = self.lock().await?;
                prepare(open(&mut listener).await?, sql).await
            }

            async fn run(
                &self,
                statement: &Prepared<'_>,
                parameters: &[&dyn Parameter],
                visit: &mut Visit<'_>,
            ) -> Result<u64, DriverError> {
                let mut listener = self.lock().await?;
                run(open(&mut listener).await?, statement, true, parameters, visit).await
            }

            async fn batch(&self, sql: &str) -> Result<(), DriverError> {
                let mut listener = self.lock().await?;
                batch(open(&mut listener).await?, sql).await
            }
        }
    };
}
