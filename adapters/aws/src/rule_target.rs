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

    async fn permits(&self, rule_arn: &str) -> Result<bool, ConsumerSetupError> {
        (**self).permits(rule_arn).await
    }

    async fn permit(&self, rule_arn: &str) -> Result<(), ConsumerSetupError> {
        (**self).permit(rule_arn).await
    }
}
