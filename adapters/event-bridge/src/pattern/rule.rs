use std::sync::Arc;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{DeadLetterConfig, RuleState, Target};
use castore_aws::{Request, RequestError, RequestPolicy, RuleTarget, without_retries};

use super::EventPattern;
use crate::{EventBridgeConsumerSetup, EventBusName, EventBusNameError};

/// A rule of an event bus. The rule delivers the messages that match a pattern to a target, for example to a queue or a
/// function.
///
/// ```no_run
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// # use castore_event_bridge::{EventPattern, Rule};
/// # async fn example(client: aws_sdk_eventbridge::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let pattern = EventPattern::of_filter::<AppBus>(&Filter::store::<Pokemon>());
/// Rule::new("app-bus", "pokemons-to-mailer", pattern)
///     .deploy(&client, "arn:aws:sqs:eu-west-1:123456789012:mailer")
///     .await?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// Use `Rule` to deploy rules from a program or in tests. Infrastructure tools need only the [`EventPattern`]. To create
/// also the event bus, the queue and its policy, use [`setup`](Self::setup).
#[derive(Debug, Clone)]
#[must_use = "`deploy` deploys the rule"]
pub struct Rule {
    pub(crate) event_bus_name: EventBusName,
    pub(crate) name: String,
    pub(crate) pattern: EventPattern,
    pub(crate) target_id: String,
    pub(crate) dead_letter_queue_arn: Option<String>,
}

impl Rule {
    /// Creates a rule of an event bus. Does not deploy it.
    pub fn new(event_bus_name: impl Into<EventBusName>, name: impl Into<String>, pattern: EventPattern) -> Self {
        Self {
            event_bus_name: event_bus_name.into(),
            name: name.into(),
            pattern,
            target_id: "castore".to_owned(),
            dead_letter_queue_arn: None,
        }
    }

    /// Sets the id of the target within the rule. Defaults to `castore`.
    pub fn target_id(self, target_id: impl Into<String>) -> Self {
        Self { target_id: target_id.into(), ..self }
    }

    /// Sets the SQS queue for events that cannot be delivered to the target. Without such a queue, EventBridge drops
    /// these events: after 24 hours of retries, or immediately if the error cannot be retried, such as a missing
    /// permission. Defaults to none.
    pub fn dead_letter_queue(self, arn: impl Into<String>) -> Self {
        Self { dead_letter_queue_arn: Some(arn.into()), ..self }
    }

    /// Creates the rule or replaces its pattern, enables it, and sets `target_arn` as its target. Returns the ARN of
    /// the rule. The policy of the target must allow the rule to deliver events (for a queue: `sqs:SendMessage` for
    /// `events.amazonaws.com`).
    ///
    /// Does not remove other targets of the rule. Replaces all other settings of an existing rule, such as its
    /// description, and of an existing target with the same id, such as its retry policy. To keep these settings, use
    /// [`setup`](Self::setup). Needs `events:PutRule` and `events:PutTargets`.
    ///
    /// # Errors
    /// [`DeployRuleError::EventBusName`] if the name of the event bus is invalid or could not be resolved.
    /// [`DeployRuleError::Request`] if EventBridge rejected a request or was unavailable. [`DeployRuleError::Target`]
    /// if the target was rejected. `deploy` can be called again after any error.
    pub async fn deploy(&self, client: &Client, target_arn: &str) -> Result<String, DeployRuleError> {
        let (client, policy) = (without_retries!(aws_sdk_eventbridge, client), RequestPolicy::default());
        let rule_arn = self.put(&client, &policy, None).await?;
        self.put_target(&client, &policy, target_arn, None).await?;
        Ok(rule_arn)
    }

    /// Returns the setup of a consumer whose queue is the target of the rule: the event bus, the rule, the queue of the
    /// consumer, and the permission of the rule to send events to the queue. `target` is the setup of the queue, which
    /// the method `setup` of `SqsWorkerBuilder` in `castore-sqs` returns.
    pub fn setup(self, client: &Client, target: impl RuleTarget) -> EventBridgeConsumerSetup {
        EventBridgeConsumerSetup::new(without_retries!(aws_sdk_eventbridge, client), self, Arc::new(target))
    }

    /// Creates the rule or replaces its pattern, enables it, and returns its ARN. Keeps the other settings of the
    /// existing rule, which EventBridge would remove if the request did not contain them.
    pub(crate) async fn put(
        &self,
        client: &Client,
        policy: &RequestPolicy,
        existing: Option<&DescribeRuleOutput>,
    ) -> Result<String, DeployRuleError> {
        let event_bus_name = self.event_bus_name.get().await?;
        let pattern = self.pattern.to_string();
        let text = |of: fn(&DescribeRuleOutput) -> Option<&str>| existing.and_then(of).map(str::to_owned);
        // There is more than one state in which a rule is enabled.
        let enabled = existing.and_then(DescribeRuleOutput::state).filter(|state| **state != RuleState::Disabled);
        let state = enabled.unwrap_or(&RuleState::Enabled);
        let put_rule = || {
            let request = client.put_rule().event_bus_name(event_bus_name).name(&self.name);
            request
                .event_pattern(&pattern)
                .state(state.clone())
                .set_description(text(DescribeRuleOutput::description))
                .set_role_arn(text(DescribeRuleOutput::role_arn))
                .set_schedule_expression(text(DescribeRuleOutput::schedule_expression))
                .send()
        };
        let rule = Request::new("EventBridge", "PutRule", policy).send(put_rule).await?;
        Ok(rule.rule_arn.unwrap_or_default())
    }

    /// Sets the target of the rule. Keeps the retry policy and the role of the existing target with the same id, and
    /// its dead-letter queue unless the rule has one.
    pub(crate) async fn put_target(
        &self,
        client: &Client,
        policy: &RequestPolicy,
        target_arn: &str,
        existing: Option<&Target>,
    ) -> Result<(), DeployRuleError> {
        let event_bus_name = self.event_bus_name.get().await?;
        let mut target = Target::builder().id(&self.target_id).arn(target_arn);
        if let Some(existing) = existing {
            target = target
                .set_retry_policy(existing.retry_policy.clone())
                .set_role_arn(existing.role_arn.clone())
                .set_dead_letter_config(existing.dead_letter_config.clone());
        }
        if let Some(arn) = &self.dead_letter_queue_arn {
            target = target.dead_letter_config(DeadLetterConfig::builder().arn(arn).build());
        }
        let target = target.build().map_err(|error| DeployRuleError::Target { reason: error.to_string() })?;
        let put_targets =
            || client.put_targets().event_bus_name(event_bus_name).rule(&self.name).targets(target.clone()).send();
        let targets = Request::new("EventBridge", "PutTargets", policy).send(put_targets).await?;
        match targets.failed_entries().first() {
            None => Ok(()),
            Some(failed) => {
                let (code, message) = (failed.error_code(), failed.error_message());
                let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
                Err(DeployRuleError::Target { reason: format!("{code}: {message}") })
            }
        }
    }
}

/// The error returned if a rule or its target could not be deployed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeployRuleError {
    /// The name of the event bus is invalid or could not be resolved.
    #[error(transparent)]
    EventBusName(#[from] EventBusNameError),
    /// EventBridge rejected a request, or was unavailable.
    #[error("the rule could not be deployed")]
    Request(#[from] RequestError),
    /// The rule was deployed, but EventBridge rejected its target.
    #[error("the rule was deployed, but its target was rejected: {reason}")]
    Target {
        /// The reason.
        reason: String,
    },
}
