use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use castore_aws::{RequestPolicy, RuleTarget};
use castore_core::consumer::{ConsumerResource, ConsumerSetup, ConsumerSetupError, ResourceChange};

use super::EventBridgeSetupError;
use super::found::{Found, RuleAccess, rule_arn};
use super::wanted_target::WantedTarget;
use crate::Rule;

/// The setup of the resources that a consumer behind a [`Rule`] needs: the event bus, the rule with its pattern, the
/// queue of the consumer, and the permission of the rule to send events to the queue. Returned by [`Rule::setup`].
///
/// ```no_run
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../castore/src/guide/domain.rs"));
/// # use castore_event_bridge::{EventPattern, Rule, RuleTarget};
/// # use castore::consumer::ConsumerSetup;
/// # async fn example(
/// #     client: aws_sdk_eventbridge::Client,
/// #     queue: impl RuleTarget,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let pattern = EventPattern::of_filter::<AppBus>(&Filter::store::<Pokemon>());
/// // `queue` is the setup of the worker's queue: `SqsWorker::builder_behind_bus(…).setup()?`.
/// let setup = Rule::new("app-bus", "pokemons-to-mailer", pattern).setup(&client, queue);
/// for resource in setup.apply().await? {
///     println!("{}: {}", resource.name, resource.change);
/// }
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// # Existing resources
/// By default, existing resources are not changed, except that the permission is added to the policy of the queue, and
/// the target to the rule. If an existing rule has another pattern, is disabled, or has a target with the same id but
/// with other settings, `plan` and `apply` return an error, unless [`update_existing`](Self::update_existing) is set.
/// Other targets of the rule are left unchanged.
///
/// # Permissions
/// Needs `events:DescribeEventBus`, `events:DescribeRule` and `events:ListTargetsByRule`, and to make changes also
/// `events:CreateEventBus`, `events:PutRule` and `events:PutTargets`, in addition to the permissions of the queue's
/// setup.
pub struct EventBridgeConsumerSetup {
    access: RuleAccess,
    target: Arc<dyn RuleTarget>,
    update_existing: bool,
}

impl EventBridgeConsumerSetup {
    pub(crate) fn new(client: Client, rule: Rule, target: Arc<dyn RuleTarget>) -> Self {
        let access = RuleAccess { client, policy: RequestPolicy::default(), rule };
        Self { access, target, update_existing: false }
    }

    /// Allows [`apply`](ConsumerSetup::apply) to change an existing rule and its target. By default, a difference is an
    /// error. The option replaces:
    ///
    /// * the pattern of the rule, and its state if it is disabled. The rule keeps its description, role and schedule.
    /// * the ARN of the target with the same id, and its dead-letter queue if the rule
    ///   [has one](Rule::dead_letter_queue). A transformation of the input is removed. The target keeps its retry
    ///   policy and its role. If the rule has no dead-letter queue, the target also keeps its dead-letter queue.
    ///
    /// Whether the settings of an existing queue are changed is an option of the queue's setup.
    #[must_use = "the method returns the configured setup"]
    pub fn update_existing(self) -> Self {
        Self { update_existing: true, ..self }
    }

    async fn plan_all(&self, found: &Found) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        let wanted = self.wanted_target().await?;
        let rule = self.access.change_of_rule(found, self.update_existing).map_err(ConsumerSetupError::new)?;
        let target = self.change_of_target(found, &wanted).map_err(ConsumerSetupError::new)?;
        let rule_arn = found.event_bus_arn.as_deref().and_then(|bus| rule_arn(bus, &self.access.rule.name));
        let permission = match (wanted, rule_arn) {
            (WantedTarget::Existing(_), Some(rule_arn)) => self.change_of_permission(&rule_arn).await?,
            _ => ResourceChange::Create,
        };
        let queue = self.target.plan().await?;
        self.resources(found, queue, [rule, permission, target]).await.map_err(ConsumerSetupError::new)
    }

    /// Looks for the target.
    async fn wanted_target(&self) -> Result<WantedTarget, ConsumerSetupError> {
        match (self.target.arn().await?, self.target.new_name()) {
            (Some(arn), _) => Ok(WantedTarget::Existing(arn)),
            (None, Some(name)) => Ok(WantedTarget::New(name.to_owned())),
            (None, None) => Err(self.no_target()),
        }
    }

    fn no_target(&self) -> ConsumerSetupError {
        ConsumerSetupError::new(EventBridgeSetupError::NoTarget { rule: self.access.rule.name.clone() })
    }

    /// Lists the resources in the order in which they are created.
    async fn resources(
        &self,
        found: &Found,
        queue: Vec<ConsumerResource>,
        [rule, permission, target]: [ResourceChange; 3],
    ) -> Result<Vec<ConsumerResource>, EventBridgeSetupError> {
        let event_bus = match found.event_bus_arn {
            Some(_) => ResourceChange::Unchanged,
            None => ResourceChange::Create,
        };
        let bus_name = self.access.rule.event_bus_name.get().await?;
        let name = format!("rule {} of event bus {bus_name}", self.access.rule.name);
        let mut resources = vec![ConsumerResource::new(format!("event bus {bus_name}"), event_bus)];
        resources.extend(queue);
        resources.push(ConsumerResource::new(&*name, rule));
        resources.push(ConsumerResource::new(format!("permission of {name} to send to its target"), permission));
        resources.push(ConsumerResource::new(format!("target {} of {name}", self.access.rule.target_id), target));
        Ok(resources)
    }

    fn change_of_target(&self, found: &Found, wanted: &WantedTarget) -> Result<ResourceChange, EventBridgeSetupError> {
        if wanted.is_fifo() {
            let (rule, target) = (self.access.rule.name.clone(), wanted.arn_or_name().to_owned());
            return Err(EventBridgeSetupError::FifoTarget { rule, target });
        }
        self.access.change_of_target(found, wanted, self.update_existing)
    }

    async fn change_of_permission(&self, rule_arn: &str) -> Result<ResourceChange, ConsumerSetupError> {
        let is_permitted = self.target.permits(rule_arn).await?;
        Ok(if is_permitted { ResourceChange::Unchanged } else { ResourceChange::Create })
    }

    async fn make_changes(&self, found: &Found) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        // Checks all existing resources before the first change.
        self.plan_all(found).await?;
        if found.event_bus_arn.is_none() {
            self.access.create_event_bus().await.map_err(ConsumerSetupError::new)?;
        }
        let queue = self.target.apply().await?;
        let arn = self.target.arn().await?.ok_or_else(|| self.no_target())?;
        let wanted = WantedTarget::Existing(arn.clone());
        let rule = self.access.change_of_rule(found, self.update_existing).map_err(ConsumerSetupError::new)?;
        let target = self.change_of_target(found, &wanted).map_err(ConsumerSetupError::new)?;
        let permission = self.deploy(found, &arn, rule, target).await?;
        self.resources(found, queue, [rule, permission, target]).await.map_err(ConsumerSetupError::new)
    }

    /// Creates or changes the rule, adds its permission to the target, and then adds the target to the rule, so that
    /// EventBridge never sends an event without the permission. Returns the change to the permission.
    async fn deploy(
        &self,
        found: &Found,
        target_arn: &str,
        rule: ResourceChange,
        target: ResourceChange,
    ) -> Result<ResourceChange, ConsumerSetupError> {
        let RuleAccess { client, policy, rule: wanted } = &self.access;
        let known = found.event_bus_arn.as_deref().and_then(|bus| rule_arn(bus, &wanted.name));
        let existing = found.rule.as_ref();
        let rule_arn = match (rule, known) {
            (ResourceChange::Unchanged, Some(rule_arn)) => rule_arn,
            _ => {
                let settings = existing.map(|existing| &existing.settings);
                wanted.put(client, policy, settings).await.map_err(ConsumerSetupError::new)?
            }
        };
        let permission = self.change_of_permission(&rule_arn).await?;
        if permission != ResourceChange::Unchanged {
            self.target.permit(&rule_arn).await?;
        }
        if target != ResourceChange::Unchanged {
            let existing = existing.and_then(|existing| existing.target(&wanted.target_id));
            wanted.put_target(client, policy, target_arn, existing).await.map_err(ConsumerSetupError::new)?;
        }
        Ok(permission)
    }
}

#[async_trait]
impl ConsumerSetup for EventBridgeConsumerSetup {
    async fn plan(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        let found = self.access.find().await.map_err(ConsumerSetupError::new)?;
        self.plan_all(&found).await
    }

    async fn apply(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        let found = self.access.find().await.map_err(ConsumerSetupError::new)?;
        self.make_changes(&found).await
    }
}

impl fmt::Debug for EventBridgeConsumerSetup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventBridgeConsumerSetup")
            .field("rule", &self.access.rule)
            .field("target", &self.target)
            .field("update_existing", &self.update_existing)
            .finish_non_exhaustive()
    }
}
