use std::future::Future;

use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, ReadModel};

use super::{PostgresProjection, Tables};
use crate::driver::OpenTransaction;
use crate::errors::PostgresError;

/// A projection for any driver.
pub(super) trait Projection: ReadModel + Send + Sync {
    const TABLES: &'static [&'static str];

    fn filter(&self) -> LogFilter;

    fn create(
        &self,
        transaction: &OpenTransaction<'_>,
        tables: &Tables,
    ) -> impl Future<Output = Result<(), PostgresError>> + Send;

    fn apply(
        &self,
        transaction: &OpenTransaction<'_>,
        tables: &Tables,
        event: &Self::Event,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

/// The error of a projection that runs on the pool of another driver. This error is not expected to occur, because
/// `PostgresReadModels::start` accepts only projections that use the driver of its pool.
pub(super) fn other_driver() -> PostgresError {
    PostgresError::text("the projection and its pool have different drivers")
}

/// A projection that uses the native driver.
pub(super) struct NativeProjection<P>(pub(super) P);

impl<P: PostgresProjection> ReadModel for NativeProjection<P> {
    const NAME: &'static str = P::NAME;
    const VERSION: u32 = P::VERSION;
    type Event = P::Event;
}

impl<P: PostgresProjection> Projection for NativeProjection<P> {
    const TABLES: &'static [&'static str] = P::TABLES;

    fn filter(&self) -> LogFilter {
        self.0.filter()
    }

    async fn create(&self, transaction: &OpenTransaction<'_>, tables: &Tables) -> Result<(), PostgresError> {
        let transaction = transaction.native().ok_or_else(other_driver)?;
        Ok(self.0.create(transaction, tables).await?)
    }

    async fn apply(
        &self,
        transaction: &OpenTransaction<'_>,
        tables: &Tables,
        event: &P::Event,
    ) -> Result<(), HandlerError> {
        let transaction = transaction.native().ok_or_else(other_driver)?;
        self.0.apply(transaction, tables, event).await
    }
}
