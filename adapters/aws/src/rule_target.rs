use std::sync::Arc;

use async_trait::async_trait;
use castore_core::consumer::{ConsumerSetup, ConsumerSetupError};

/// A resource that can be the target of an EventBridge rule, for example a queue. It also creates the resources of the
/// consumer behind the target. This trait is for authors of adapters.
#[async_trait]
pub trait RuleTarget: ConsumerSetup {
    /// Returns the ARN of the target, or `None` if the target does not exist.
    ///
    /// # Errors
    /// [`ConsumerSetupError`] if the service is unavailable or rejects a request.
    async fn arn(&self) -> Result<Option<String>, ConsumerSetupError>;

    /// Returns the name of the target that [`apply`](ConsumerSetup::apply) creates if it does not exist, or `None` if
    /// `apply` cannot create it. The name must be the last part of the ARN of the new target, after the last `:`.
    fn new_name(&self) -> Option<&str>;

    /// Returns whether the target, which must exist, permits the rule to send events to it.
    ///
    /// # Errors
    /// [`ConsumerSetupError`] if the service is unavailable or rejects a request, or if the target may deny the
    /// permission even after [`permit`](Self::permit).
    async fn permits(&self, rule_arn: &str) -> Result<bool, ConsumerSetupError>;

    /// Adds the permission of the rule to the target, which must exist. Does not remove other permissions.
    ///
    /// # Errors
    /// [`ConsumerSetupError`] if the service is unavailable or rejects a request.
    async fn permit(&self, rule_arn: &str) -> Result<(), ConsumerSetupError>;
}

#[async_trait]
impl<T: RuleTarget + ?Sized> RuleTarget for Arc<T> {
    async fn arn(&self) -> Result<Option<String>, ConsumerSetupError> {
        (**self).arn().await
    }

    fn new_name(&self) -> Option<&str> {
        (**self).new_name()
    }

    async fn permits(&self, rule_arn: &str) -> Result<bool, ConsumerSetupError> {
        (**self).permits(rule_arn).await
    }

    async fn permit(&self, rule_arn: &str) -> Result<(), ConsumerSetupError> {
        (**self).permit(rule_arn).await
    }
}
