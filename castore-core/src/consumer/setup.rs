use std::error::Error;
use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

/// A way for operators to create the resources that a consumer needs on its broker. Adapters implement this trait if
/// their broker stores the state of consumers: for example, NATS stores durable consumers.
///
/// A consumer creates its resources when it is started. Sometimes the resources must exist earlier, for example because
/// a bus drops messages for which no consumer exists, or because the program is not permitted to create consumers. In
/// these cases, run the command `consumers apply` of the program's command line for operators.
#[async_trait]
pub trait ConsumerSetup: Debug + Send + Sync + 'static {
    /// Returns the resources, with the changes that [`apply`](Self::apply) would make. This method itself changes
    /// nothing.
    ///
    /// # Errors
    /// [`ConsumerSetupError`] if the broker is unavailable, or if a resource exists with settings that the consumer
    /// cannot use.
    async fn plan(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError>;

    /// Creates the missing resources, and updates existing resources if the options of the consumer allow updates.
    /// Returns all resources, with the changes that were made.
    ///
    /// # Cancellation
    /// If the future is dropped, only some of the resources may have been created. Another call creates the missing
    /// ones.
    ///
    /// # Errors
    /// [`ConsumerSetupError`] if the broker is unavailable or rejects a request, or if a resource exists with settings
    /// that the consumer cannot use. Some resources may have been created before the error.
    async fn apply(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError>;
}

#[async_trait]
impl<S: ConsumerSetup + ?Sized> ConsumerSetup for Arc<S> {
    async fn plan(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        (**self).plan().await
    }

    async fn apply(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        (**self).apply().await
    }
}

/// A resource of a consumer on its broker.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerResource {
    /// The description of the resource for operators, such as `consumer mails of stream shop`. It contains the name of
    /// the resource on the broker.
    pub name: String,
    /// The change that `plan` announces, or that `apply` has made.
    pub change: ResourceChange,
}

impl ConsumerResource {
    /// Creates a resource. This function is for authors of adapters.
    pub fn new(name: impl Into<String>, change: ResourceChange) -> Self {
        Self { name: name.into(), change }
    }
}

/// A change to a resource of a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceChange {
    /// The resource exists and does not change.
    Unchanged,
    /// The resource does not exist yet, and is created.
    Create,
    /// The resource exists, and its settings are updated.
    Update,
}

impl fmt::Display for ResourceChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unchanged => "unchanged",
            Self::Create => "create",
            Self::Update => "update",
        })
    }
}

/// The error of [`ConsumerSetup::plan`] and [`ConsumerSetup::apply`]. The source is the error of the broker's adapter.
#[derive(Debug, thiserror::Error)]
#[error("the resources of the consumer could not be set up")]
pub struct ConsumerSetupError {
    source: Box<dyn Error + Send + Sync>,
}

impl ConsumerSetupError {
    /// Creates the error from the error of the broker's adapter.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
