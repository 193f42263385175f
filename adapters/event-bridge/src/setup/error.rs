use castore_aws::RequestError;

use crate::{DeployRuleError, EventBusNameError};

/// The error of an [`EventBridgeConsumerSetup`](crate::EventBridgeConsumerSetup). It is the source of a
/// [`ConsumerSetupError`](castore_core::consumer::ConsumerSetupError).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventBridgeSetupError {
    /// The name of the event bus is invalid or could not be resolved.
    #[error(transparent)]
    EventBusName(#[from] EventBusNameError),
    /// The event bus does not exist, and cannot be created, because it is given by its ARN.
    #[error("event bus {event_bus} does not exist; to create it, give its name instead of its ARN")]
    CannotCreate {
        /// The ARN of the event bus.
        event_bus: String,
    },
    /// A request to look for a resource or to create the event bus failed.
    #[error("the resources of rule {rule} could not be set up")]
    Request {
        /// The name of the rule.
        rule: String,
        /// The error of the request.
        source: RequestError,
    },
    /// The rule or its target could not be created or changed.
    #[error(transparent)]
    Deploy(#[from] DeployRuleError),
    /// The rule or its target exists with a setting that the consumer cannot use.
    #[error(
        "rule {rule} exists with {setting} {found}, but the consumer needs {needed}; change the rule, or call \
         `update_existing`"
    )]
    Mismatch {
        /// The name of the rule.
        rule: String,
        /// The name of the setting.
        setting: &'static str,
        /// The value of the existing rule.
        found: String,
        /// The value that the consumer needs.
        needed: String,
    },
    /// The target is a FIFO queue. The messages of an event bus have no order.
    #[error("target {target} of rule {rule} is a FIFO queue; use a standard queue")]
    FifoTarget {
        /// The name of the rule.
        rule: String,
        /// The ARN of the queue, or its name if it does not exist yet.
        target: String,
    },
    /// The target does not exist, and the setup of the target cannot create it or did not create it.
    #[error(
        "the target of rule {rule} does not exist, and the setup of the target does not create it; create the target first"
    )]
    NoTarget {
        /// The name of the rule.
        rule: String,
    },
}
