//! The access policies of queues, as far as they concern EventBridge.

use serde_json::{Map, Value, json};

use super::condition::{SOURCE_ARN, is_met, matches};

/// The service that sends the events of rules.
const EVENT_BRIDGE: &str = "events.amazonaws.com";

/// Whether an access policy permits a rule to send events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Permission {
    Permitted,
    Missing,
    /// The statement may deny the permission, even if other statements allow it.
    Denied {
        statement: String,
    },
}

/// Returns whether an access policy permits the rule to send messages to the queue. A statement with a condition that
/// cannot be evaluated here counts only if it denies the permission.
pub(super) fn permission(policy: &Value, queue_arn: &str, rule_arn: &str) -> Permission {
    let statements = statements(policy);
    let denied = statements.iter().enumerate().find(|(_, statement)| may_deny(statement, queue_arn, rule_arn));
    if let Some((index, statement)) = denied {
        let position = || format!("{} (without a Sid)", index + 1);
        return Permission::Denied { statement: statement["Sid"].as_str().map_or_else(position, str::to_owned) };
    }
    match statements.iter().any(|statement| allows(statement, queue_arn, rule_arn)) {
        true => Permission::Permitted,
        false => Permission::Missing,
    }
}

/// Adds a statement that allows the rule to send messages. Keeps the other statements.
pub(super) fn allowing(policy: Option<Value>, queue_arn: &str, rule_arn: &str) -> Value {
    let mut policy = match policy {
        Some(Value::Object(policy)) => policy,
        _ => Map::from_iter([("Version".to_owned(), json!("2012-10-17"))]),
    };
    let mut all = match policy.remove("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    all.push(json!({
        "Effect": "Allow",
        "Principal": { "Service": EVENT_BRIDGE },
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": { "ArnEquals": { SOURCE_ARN: rule_arn } },
    }));
    policy.insert("Statement".to_owned(), Value::Array(all));
    Value::Object(policy)
}

fn statements(policy: &Value) -> &[Value] {
    match &policy["Statement"] {
        Value::Array(statements) => statements,
        statement => std::slice::from_ref(statement),
    }
}

/// Returns whether a statement certainly allows the rule to send messages to the queue.
fn allows(statement: &Value, queue_arn: &str, rule_arn: &str) -> bool {
    statement["Effect"] == "Allow"
        && is_event_bridge(&statement["Principal"])
        && has_send(&statement["Action"])
        && is_queue(&statement["Resource"], queue_arn)
        && is_met(&statement["Condition"], rule_arn) == Some(true)
}

/// Returns whether a statement may deny the rule to send messages to the queue: whether no element of the statement
/// certainly excludes this. A missing element excludes nothing.
fn may_deny(statement: &Value, queue_arn: &str, rule_arn: &str) -> bool {
    statement["Effect"] == "Deny"
        && match &statement["Principal"] {
            Value::Null => !is_event_bridge(&statement["NotPrincipal"]),
            principal => is_event_bridge(principal) || principal["Service"] == "*",
        }
        && match &statement["Action"] {
            Value::Null => !has_send(&statement["NotAction"]),
            actions => has_send(actions),
        }
        && match &statement["Resource"] {
            Value::Null => !is_queue(&statement["NotResource"], queue_arn),
            resources => is_queue(resources, queue_arn) || texts(resources).any(is_unknown),
        }
        && is_met(&statement["Condition"], rule_arn) != Some(false)
}

fn is_event_bridge(principal: &Value) -> bool {
    principal == "*"
        || texts(&principal["Service"]).any(|service| service == EVENT_BRIDGE)
        || texts(&principal["AWS"]).any(|account| account == "*")
}

fn has_send(actions: &Value) -> bool {
    texts(actions).any(|action| matches(&action.to_ascii_lowercase(), "sqs:sendmessage"))
}

/// Returns whether one of the resources is the queue. Unlike in conditions, `*` also matches colons.
fn is_queue(resources: &Value, queue_arn: &str) -> bool {
    texts(resources).any(|resource| matches(resource, queue_arn))
}

/// Returns whether a resource cannot be compared, because it contains a policy variable or is not an ARN.
fn is_unknown(resource: &str) -> bool {
    resource.contains("${") || !resource.starts_with("arn:")
}

/// Returns the texts of a value that is a text or an array of texts.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let values = match value {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    };
    values.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:mails";
    const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/app-bus/mails";

    fn is_permitted(policy: &Value, rule_arn: &str) -> bool {
        permission(policy, QUEUE, rule_arn) == Permission::Permitted
    }

    /// Returns the name of the statement that denies the permission. The policy also allows the rule to send messages.
    fn denied_by(statement: Value) -> Option<String> {
        let policy = allowing(Some(json!({ "Statement": statement })), QUEUE, RULE);
        match permission(&policy, QUEUE, RULE) {
            Permission::Permitted => None,
            Permission::Denied { statement } => Some(statement),
            Permission::Missing => panic!("{policy}"),
        }
    }

    #[test]
    fn added_statement_allows_only_its_rule() {
        let policy = allowing(None, QUEUE, RULE);
        assert!(is_permitted(&policy, RULE));
        assert!(!is_permitted(&policy, "arn:aws:events:eu-west-1:123456789012:rule/app-bus/other"));
        assert!(!is_permitted(&json!({}), RULE));
        assert!(!is_permitted(&Value::Null, RULE));
    }

    #[test]
    fn other_statements_are_kept() {
        let other =
            json!({ "Sid": "own", "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sqs:*" });
        for statement in [other.clone(), json!([other])] {
            let policy = json!({ "Version": "2008-10-17", "Id": "mine", "Statement": statement });
            assert!(!is_permitted(&policy, RULE));
            let policy = allowing(Some(policy), QUEUE, RULE);
            assert!(is_permitted(&policy, RULE));
            assert_eq!((&policy["Version"], &policy["Id"]), (&json!("2008-10-17"), &json!("mine")));
            assert_eq!((policy["Statement"].as_array().map(Vec::len), &policy["Statement"][0]), (Some(2), &other));
        }
    }

    #[test]
    fn statements_of_other_tools_are_recognized() {
        let with = |principal: Value, action: Value, condition: Value| {
            let mut statement =
                json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": QUEUE });
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            is_permitted(&json!({ "Statement": [statement] }), RULE)
        };
        let service = || json!({ "Service": ["sns.amazonaws.com", "events.amazonaws.com"] });
        let rules = "arn:aws:events:*:123456789012:rule/app-bus/*";
        assert!(with(service(), json!(["SQS:SendMessage", "sqs:GetQueueUrl"]), Value::Null));
        assert!(with(service(), json!("sqs:Send*"), Value::Null));
        assert!(with(json!("*"), json!("sqs:*"), json!({ "ArnLike": { "AWS:SourceArn": rules } })));
        assert!(with(service(), json!("*"), json!({ "StringEquals": { "aws:SourceArn": [RULE, "other"] } })));
        assert!(!with(service(), json!("*"), json!({ "StringEquals": { "aws:SourceArn": rules } })));
        assert!(!with(service(), json!("sqs:ReceiveMessage"), Value::Null));
        assert!(!with(json!({ "Service": "sns.amazonaws.com" }), json!("sqs:*"), Value::Null));
        let other_condition =
            json!({ "ArnEquals": { "aws:SourceArn": RULE }, "Bool": { "aws:SecureTransport": "true" } });
        assert!(!with(service(), json!("sqs:*"), other_condition), "the condition cannot be evaluated");
    }

    #[test]
    fn statement_of_another_queue_does_not_permit() {
        let copied = allowing(None, "arn:aws:sqs:eu-west-1:123456789012:other", RULE);
        assert_eq!(permission(&copied, QUEUE, RULE), Permission::Missing);
        let of = |resource: Value| {
            let mut policy = allowing(None, QUEUE, RULE);
            policy["Statement"][0]["Resource"] = resource;
            is_permitted(&policy, RULE)
        };
        assert!(of(json!("*")) && of(json!("arn:aws:sqs:*:123456789012:mail?")) && of(json!(["arn:aws:sqs:*"])));
        assert!(!of(Value::Null) && !of(json!([])));
    }

    #[test]
    fn statement_that_may_deny_is_an_obstacle() {
        let deny = |sid: &str, more: Value| {
            let mut statement =
                json!({ "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE });
            statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            statement
        };
        let other_account = json!({ "StringNotEquals": { "aws:SourceAccount": "210987654321" } });
        let other_rules = json!({ "ArnNotLike": { "aws:SourceArn": "arn:aws:events:*:*:rule/other-bus/*" } });
        for more in [
            json!({}),
            json!({ "Principal": { "Service": EVENT_BRIDGE } }),
            json!({ "Action": ["sqs:ReceiveMessage", "SQS:Send*"] }),
            json!({ "Resource": "/123456789012/mails" }),
            json!({ "Condition": other_account }),
            json!({ "Condition": other_rules }),
        ] {
            let statement = deny("NoSending", more);
            assert_eq!(denied_by(statement.clone()).as_deref(), Some("NoSending"), "{statement}");
        }
        let negated = json!({
            "Effect": "Deny",
            "NotPrincipal": { "AWS": "123456789012" },
            "NotAction": "sqs:ReceiveMessage",
            "NotResource": "arn:aws:sqs:eu-west-1:123456789012:other",
        });
        assert_eq!(denied_by(negated).as_deref(), Some("1 (without a Sid)"));
    }

    #[test]
    fn statement_that_cannot_deny_is_ignored() {
        let deny = |more: Value| {
            let mut statement = json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE });
            statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            statement
        };
        for more in [
            json!({ "Principal": { "AWS": "123456789012" } }),
            json!({ "Action": ["sqs:DeleteQueue", "sqs:ReceiveMessage"] }),
            json!({ "Resource": "arn:aws:sqs:eu-west-1:123456789012:other" }),
            json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } }),
            json!({ "Condition": { "ArnNotLike": { "aws:SourceArn": "arn:aws:events:*:*:rule/app-bus/*" } } }),
        ] {
            let statement = deny(more);
            assert_eq!(denied_by(statement.clone()), None, "{statement}");
        }
        let negated = json!({ "Effect": "Deny", "Principal": "*", "NotAction": "sqs:SendMessage", "Resource": "*" });
        assert_eq!(denied_by(negated), None);
        assert_eq!(denied_by(json!([])), None);
    }
}
