use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{RuleState, Target};
use castore_aws::{Request, RequestError, RequestPolicy};
use castore_core::consumer::ResourceChange;
use serde_json::Value;

use super::EventBridgeSetupError;
use super::wanted_target::WantedTarget;
use crate::Rule;

/// Access to a rule and its event bus.
#[derive(Debug)]
pub(super) struct RuleAccess {
    pub(super) client: Client,
    pub(super) policy: RequestPolicy,
    pub(super) rule: Rule,
}

/// The existing resources. A rule exists only on an existing event bus, and a target only in an existing rule.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) event_bus_arn: Option<String>,
    pub(super) rule: Option<FoundRule>,
}

#[derive(Debug)]
pub(super) struct FoundRule {
    pub(super) settings: DescribeRuleOutput,
    targets: Vec<Target>,
}

impl FoundRule {
    /// Returns the target with this id.
    pub(super) fn target(&self, id: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.id == id)
    }
}

impl RuleAccess {
    /// Looks for the event bus, the rule and its targets.
    pub(super) async fn find(&self) -> Result<Found, EventBridgeSetupError> {
        let Some(event_bus_arn) = self.find_event_bus().await? else { return Ok(Found::default()) };
        Ok(Found { event_bus_arn: Some(event_bus_arn), rule: self.find_rule().await? })
    }

    async fn find_event_bus(&self) -> Result<Option<String>, EventBridgeSetupError> {
        let name = self.rule.event_bus_name.get().await?;
        let response = self.request("DescribeEventBus").send(|| self.client.describe_event_bus().name(name).send());
        match response.await {
            Ok(event_bus) => Ok(Some(event_bus.arn.unwrap_or_default())),
            Err(error) if !is_missing(&error) => Err(self.failed(error)),
            Err(_) if name.starts_with("arn:") => {
                Err(EventBridgeSetupError::CannotCreate { event_bus: name.to_owned() })
            }
            Err(_) => Ok(None),
        }
    }

    async fn find_rule(&self) -> Result<Option<FoundRule>, EventBridgeSetupError> {
        let bus = self.rule.event_bus_name.get().await?;
        let describe = || self.client.describe_rule().event_bus_name(bus).name(&self.rule.name).send();
        let settings = match self.request("DescribeRule").send(describe).await {
            Ok(settings) => settings,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        let mut targets = Vec::new();
        let mut next_token = None;
        loop {
            let list = || {
                let request = self.client.list_targets_by_rule().event_bus_name(bus).rule(&self.rule.name);
                request.set_next_token(next_token.clone()).send()
            };
            let page = self.request("ListTargetsByRule").send(list).await.map_err(|error| self.failed(error))?;
            targets.extend(page.targets.unwrap_or_default());
            next_token = page.next_token;
            if next_token.is_none() {
                return Ok(Some(FoundRule { settings, targets }));
            }
        }
    }

    /// Creates the event bus. Succeeds if it exists: another process may have created it in the meantime, or an earlier
    /// attempt of the request whose response was lost.
    pub(super) async fn create_event_bus(&self) -> Result<(), EventBridgeSetupError> {
        let name = self.rule.event_bus_name.get().await?;
        let create = || self.client.create_event_bus().name(name).send();
        match self.request("CreateEventBus").send(create).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ResourceAlreadyExistsException") => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Returns the change to the rule.
    ///
    /// # Errors
    /// [`EventBridgeSetupError::Mismatch`] if the rule must be changed and `update_existing` is `false`.
    pub(super) fn change_of_rule(
        &self,
        found: &Found,
        update_existing: bool,
    ) -> Result<ResourceChange, EventBridgeSetupError> {
        let Some(rule) = &found.rule else { return Ok(ResourceChange::Create) };
        let (wanted, found_pattern) = (&self.rule.pattern, rule.settings.event_pattern());
        let pattern = found_pattern.and_then(|pattern| serde_json::from_str::<Value>(pattern).ok());
        let has_pattern = pattern.is_some_and(|pattern| pattern == wanted.to_json());
        let is_enabled = rule.settings.state().is_some_and(|state| *state != RuleState::Disabled);
        match (has_pattern && is_enabled, has_pattern) {
            (true, _) => Ok(ResourceChange::Unchanged),
            _ if update_existing => Ok(ResourceChange::Update),
            (_, true) => Err(self.mismatch("state", "DISABLED", "ENABLED")),
            (_, false) => Err(self.mismatch("pattern", found_pattern.unwrap_or("none"), &wanted.to_string())),
        }
    }

    /// Returns the change to the target.
    ///
    /// # Errors
    /// [`EventBridgeSetupError::Mismatch`] if the target must be changed and `update_existing` is `false`.
    pub(super) fn change_of_target(
        &self,
        found: &Found,
        wanted: &WantedTarget,
        update_existing: bool,
    ) -> Result<ResourceChange, EventBridgeSetupError> {
        let targets = found.rule.as_ref().map_or(&[][..], |rule| &rule.targets);
        // A target with the same queue and another id would deliver each event once more.
        let has_arn = |target: &&Target| wanted.has_arn(&target.arn);
        let has_id = |target: &&Target| target.id == self.rule.target_id;
        let Some(target) = targets.iter().find(has_arn).or_else(|| targets.iter().find(has_id)) else {
            return Ok(ResourceChange::Create);
        };
        match self.check_target(target, wanted) {
            Ok(()) => Ok(ResourceChange::Unchanged),
            // Only a target with the id of this program can be replaced.
            Err(_) if update_existing && has_id(&target) => Ok(ResourceChange::Update),
            Err(mismatch) => Err(mismatch),
        }
    }

    fn check_target(&self, target: &Target, wanted: &WantedTarget) -> Result<(), EventBridgeSetupError> {
        if !wanted.has_arn(&target.arn) {
            return Err(self.mismatch("target", &target.arn, wanted.arn_or_name()));
        }
        let is_transformed =
            target.input.is_some() || target.input_path.is_some() || target.input_transformer.is_some();
        if is_transformed {
            return Err(self.mismatch("an input transformation of target", &target.id, "the unchanged event"));
        }
        let dead_letters = target.dead_letter_config.as_ref().and_then(|config| config.arn());
        match self.rule.dead_letter_queue_arn.as_deref() {
            Some(arn) if dead_letters != Some(arn) => {
                Err(self.mismatch("the dead-letter queue", dead_letters.unwrap_or("none"), arn))
            }
            _ => Ok(()),
        }
    }

    fn mismatch(&self, setting: &'static str, found: &str, needed: &str) -> EventBridgeSetupError {
        let (found, needed) = (found.to_owned(), needed.to_owned());
        EventBridgeSetupError::Mismatch { rule: self.rule.name.clone(), setting, found, needed }
    }

    fn request(&self, operation: &'static str) -> Request<'_> {
        Request::new("EventBridge", operation, &self.policy)
    }

    fn failed(&self, source: RequestError) -> EventBridgeSetupError {
        EventBridgeSetupError::Request { rule: self.rule.name.clone(), source }
    }
}

/// Returns whether a request failed because the resource does not exist.
fn is_missing(error: &RequestError) -> bool {
    error.code() == Some("ResourceNotFoundException")
}

/// Returns the ARN that the rule of an event bus has: `arn:…:event-bus/NAME` becomes `arn:…:rule/NAME/RULE`. The ARNs
/// of the rules of the default event bus do not contain the name of the event bus.
pub(super) fn rule_arn(event_bus_arn: &str, rule: &str) -> Option<String> {
    let (account, event_bus) = event_bus_arn.split_once(":event-bus/")?;
    Some(match event_bus {
        "default" => format!("{account}:rule/{rule}"),
        event_bus => format!("{account}:rule/{event_bus}/{rule}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_arn_is_derived_from_the_event_bus() {
        let account = "arn:aws:events:eu-west-1:123456789012";
        let of_bus = |bus| rule_arn(&format!("{account}:event-bus/{bus}"), "mails").unwrap();
        assert_eq!(of_bus("app-bus"), format!("{account}:rule/app-bus/mails"));
        assert_eq!(of_bus("default"), format!("{account}:rule/mails"));
        assert_eq!(rule_arn("app-bus", "mails"), None);
    }
}
