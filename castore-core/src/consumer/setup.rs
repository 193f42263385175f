use std::error::Error;
use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

/// The resources that a consumer needs on its broker, for operators. Implemented by adapters of brokers that store the
/// state of consumers, such as the durable consumers of NATS.
///
/// A consumer creates its resources when it is started. If they must exist earlier, for example because a bus drops
/// messages without a consumer, or because the program is not permitted to create them, the command `consumers apply`
/// creates them.
#[async_trait]
pub trait ConsumerSetup: Debug + Send + Sync + 'static {
    /// Returns the resources, with the changes that [`apply`](Self::apply) would make. Changes nothing.
    ///
    /// # Errors
    /// [`ConsumerSetupError`] if the broker is unavailable, or if a resource exists with settings that the consumer
    /// cannot use.
    async fn plan(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError>;

    /// Creates the missing resources, and updates the others if the options of the consumer allow this. Returns the
    /// resources, with the changes that were made.
    ///
    /// # Cancellation
    /// If the future is dropped, some resources may be created and others not. Another call creates the missing ones.
    ///
    /// # Errors
    /// [`ConsumerSetupError`] if the broker is unavailable or rejects a request, or if a resource exists with settings
    /// that the consumer cannot use. Some resources may already be created.
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
    /// A description of the resource, with its name on the broker.
    pub name: String,
    /// The change.
    pub change: ResourceChange,
}

impl ConsumerResource {
    /// Creates the description of a resource, for adapters.
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
    /// The resource is created.
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

/// The error of planning or creating the resources of a consumer.
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
