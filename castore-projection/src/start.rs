use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use castore_core::future::BoxFuture;

use crate::{ProjectionError, RunningProjection};

/// A future that starts a projection when it is awaited. The `start` methods of read models return it.
#[must_use = "a projection starts when this is awaited"]
pub struct StartProjection(BoxFuture<'static, Result<RunningProjection, ProjectionError>>);

impl StartProjection {
    /// Wraps a future that starts a projection. This constructor is for authors of read-model stores.
    pub fn new(start: impl Future<Output = Result<RunningProjection, ProjectionError>> + Send + 'static) -> Self {
        Self(Box::pin(start))
    }
}

impl Future for StartProjection {
    type Output = Result<RunningProjection, ProjectionError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for StartProjection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StartProjection")
    }
}
