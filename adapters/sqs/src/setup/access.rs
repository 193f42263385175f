//! The access policies of queues, as far as they concern EventBridge.

use serde_json::{Map, Value, json};

/// The service that sends the events of rules.
const EVENT_BRIDGE: &str = "events.amazonaws.com";

/// The condition key with the ARN of the rule.
const SOURCE_ARN: &str = "aws:SourceArn";

/// Returns whether an access policy allows the rule to send messages. A statement with other conditions than the ARN of
/// the rule does not count, because its conditions cannot be evaluated here.
pub(super) fn allows(policy: &Value, rule_arn: &str) -> bool {
    statements(policy).iter().any(|statement| {
        statement["Effect"] == "Allow"
            && is_event_bridge(&statement["Principal"])
            && texts(&statement["Action"]).any(is_send)
            && is_met(&statement["Condition"], rule_arn)
    })
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

fn is_event_bridge(principal: &Value) -> bool {
    principal == "*"
        || texts(&principal["Service"]).any(|service| service == EVENT_BRIDGE)
        || texts(&principal["AWS"]).any(|account| account == "*")
}

fn is_send(action: &str) -> bool {
    ["*", "sqs:*", "sqs:sendmessage"].contains(&action.to_ascii_lowercase().as_str())
}

/// Returns whether there is no condition, or only a condition that the ARN of the rule meets.
fn is_met(condition: &Value, rule_arn: &str) -> bool {
    let Value::Object(operators) = condition else { return condition.is_null() };
    operators.iter().all(|(operator, keys)| {
        let has_wildcards = match operator.as_str() {
            "ArnEquals" | "ArnLike" | "StringLike" => true,
            "StringEquals" => false,
            _ => return false,
        };
        let Value::Object(keys) = keys else { return false };
        keys.iter().all(|(key, values)| {
            key.eq_ignore_ascii_case(SOURCE_ARN)
                && texts(values).any(|value| value == rule_arn || (has_wildcards && matches(value, rule_arn)))
        })
    })
}

/// Returns whether a text matches a pattern in which `*` stands for any text and `?` for one character.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text.chars();
    let mut pattern_rest = pattern.chars();
    match pattern_rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let pattern = pattern_rest.as_str();
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(pattern, &text[at..]))
        }
        Some('?') => rest.next().is_some() && matches(pattern_rest.as_str(), rest.as_str()),
        Some(character) => rest.next() == Some(character) && matches(pattern_rest.as_str(), rest.as_str()),
    }
}

/// Returns the texts of a value that is a text or an array of texts.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
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

    #[test]
    fn added_statement_allows_only_its_rule() {
        let policy = allowing(None, QUEUE, RULE);
        assert!(allows(&policy, RULE));
        assert!(!allows(&policy, "arn:aws:events:eu-west-1:123456789012:rule/app-bus/other"));
        assert!(!allows(&json!({}), RULE));
        assert!(!allows(&Value::Null, RULE));
    }

    #[test]
    fn other_statements_are_kept() {
        let other =
            json!({ "Sid": "own", "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sqs:*" });
        for statement in [other.clone(), json!([other])] {
            let policy = json!({ "Version": "2008-10-17", "Id": "mine", "Statement": statement });
            assert!(!allows(&policy, RULE));
            let policy = allowing(Some(policy), QUEUE, RULE);
            assert!(allows(&policy, RULE));
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
            allows(&json!({ "Statement": [statement] }), RULE)
        };
        let service = || json!({ "Service": ["sns.amazonaws.com", "events.amazonaws.com"] });
        let rules = "arn:aws:events:*:123456789012:rule/app-bus/*";
        assert!(with(service(), json!(["SQS:SendMessage", "sqs:GetQueueUrl"]), Value::Null));
        assert!(with(json!("*"), json!("sqs:*"), json!({ "ArnLike": { "AWS:SourceArn": rules } })));
        assert!(with(service(), json!("*"), json!({ "StringEquals": { "aws:SourceArn": [RULE, "other"] } })));
        assert!(!with(service(), json!("*"), json!({ "StringEquals": { "aws:SourceArn": rules } })));
        assert!(!with(service(), json!("sqs:ReceiveMessage"), Value::Null));
        assert!(!with(json!({ "Service": "sns.amazonaws.com" }), json!("sqs:*"), Value::Null));
        let other_condition =
            json!({ "ArnEquals": { "aws:SourceArn": RULE }, "Bool": { "aws:SecureTransport": "true" } });
        assert!(!with(service(), json!("sqs:*"), other_condition), "the condition cannot be evaluated");
        let denied = json!({ "Statement": { "Effect": "Deny", "Principal": "*", "Action": "*" } });
        assert!(!allows(&denied, RULE));
    }
}
