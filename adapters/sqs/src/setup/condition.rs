//! The conditions of policy statements, evaluated for events that a rule sends to a queue.

use serde_json::Value;

use super::access::texts;

/// The condition key with the ARN of the rule.
pub(super) const SOURCE_ARN: &str = "aws:SourceArn";

/// Condition keys that are true for each event of a rule: EventBridge sends events with TLS, and as a service.
const TRUE_KEYS: [&str; 2] = ["aws:SecureTransport", "aws:PrincipalIsAWSService"];

/// The way in which an operator compares a text with a value of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Arn,
    Pattern,
    Text,
    TextIgnoringCase,
}

/// Returns whether a request that sends an event of the rule meets the condition, or `None` if this cannot be
/// determined here. A missing condition is met.
pub(super) fn is_met(condition: &Value, rule_arn: &str) -> Option<bool> {
    let operators = match condition {
        Value::Null => return Some(true),
        condition => condition.as_object()?,
    };
    let mut all = Some(true);
    for (operator, keys) in operators {
        for (key, values) in keys.as_object()? {
            match is_key_met(operator, key, values, rule_arn) {
                Some(true) => {}
                // All operators and keys must be met.
                Some(false) => return Some(false),
                None => all = None,
            }
        }
    }
    all
}

fn is_key_met(operator: &str, key: &str, values: &Value, rule_arn: &str) -> Option<bool> {
    // The keys that are known here exist for each event of a rule, so the suffix does not matter.
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    if TRUE_KEYS.iter().any(|known| key.eq_ignore_ascii_case(known)) {
        return if operator == "Bool" && is_false(values) { Some(false) } else { None };
    }
    if !key.eq_ignore_ascii_case(SOURCE_ARN) {
        return None;
    }
    let (comparison, is_negated) = match operator {
        "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
        "StringLike" => (Comparison::Pattern, false),
        "StringNotLike" => (Comparison::Pattern, true),
        "StringEquals" => (Comparison::Text, false),
        "StringNotEquals" => (Comparison::Text, true),
        "StringEqualsIgnoreCase" => (Comparison::TextIgnoringCase, false),
        "StringNotEqualsIgnoreCase" => (Comparison::TextIgnoringCase, true),
        _ => return None,
    };
    // One equal value is enough. A negated operator is met if no value is equal.
    let mut any = Some(false);
    for value in texts(values) {
        match comparison.is_equal(value, rule_arn) {
            Some(true) => return Some(!is_negated),
            Some(false) => {}
            None => any = None,
        }
    }
    any.map(|any| any != is_negated)
}

/// Returns whether all values of a condition key are `false`.
fn is_false(values: &Value) -> bool {
    match values {
        Value::Array(values) => !values.is_empty() && values.iter().all(is_false),
        value => value == "false" || *value == Value::Bool(false),
    }
}

impl Comparison {
    /// Returns whether the value of a policy is equal to a text, or `None` if the value contains a policy variable or
    /// is not an ARN.
    fn is_equal(self, value: &str, text: &str) -> Option<bool> {
        if value.contains("${") {
            return None;
        }
        match self {
            Self::Arn => is_arn_like(value, text),
            Self::Pattern => Some(matches(value, text)),
            Self::Text => Some(value == text),
            Self::TextIgnoringCase => Some(value.eq_ignore_ascii_case(text)),
        }
    }
}

/// Compares the six parts of ARNs separately, as IAM does, so that `*` does not match a colon. Only the sixth part may
/// contain colons.
fn is_arn_like(pattern: &str, arn: &str) -> Option<bool> {
    let (patterns, parts): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    if patterns.len() != 6 {
        return None;
    }
    Some(parts.len() == 6 && patterns.iter().zip(&parts).all(|(pattern, part)| matches(pattern, part)))
}

/// Returns whether a text matches a pattern in which `*` stands for any text and `?` for one character.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/app-bus/mails";

    #[test]
    fn parts_of_arns_are_compared_separately() {
        let with = |operator: &str, value: &str| is_met(&json!({ operator: { "AWS:SourceArn": value } }), RULE);
        for operator in ["ArnLike", "ArnEquals", "ArnLikeIfExists"] {
            assert_eq!(with(operator, RULE), Some(true));
            assert_eq!(with(operator, "arn:aws:events:*:*:rule/app-bus/*"), Some(true));
            assert_eq!(with(operator, "arn:aws:events:eu-west-1:1234567890??:*"), Some(true));
            assert_eq!(with(operator, "arn:aws:*:123456789012:rule/app-bus/mails:*"), Some(false));
            assert_eq!(with(operator, "arn:aws:events:*:rule/app-bus/mails"), None, "not an ARN");
        }
        assert_eq!(with("StringLike", "arn:aws:events:*:rule/app-bus/mails"), Some(true));
        assert_eq!(with("StringEquals", "arn:aws:events:*:*:rule/app-bus/*"), Some(false));
        assert_eq!(with("StringEqualsIgnoreCase", &RULE.to_uppercase()), Some(true));
        assert_eq!(with("ArnEquals", "arn:aws:events:*:${aws:PrincipalAccount}:rule/app-bus/*"), None);
        assert_eq!(with("ForAnyValue:ArnEquals", RULE), None);
    }

    #[test]
    fn negated_operators_are_met_without_an_equal_value() {
        let with = |operator: &str, values: Value| is_met(&json!({ operator: { "aws:SourceArn": values } }), RULE);
        let other = "arn:aws:events:eu-west-1:123456789012:rule/app-bus/other";
        for operator in ["ArnNotEquals", "ArnNotLike", "StringNotEquals", "StringNotLikeIfExists"] {
            assert_eq!(with(operator, json!([other, RULE])), Some(false));
            assert_eq!(with(operator, json!(other)), Some(true));
        }
        assert_eq!(with("StringNotLike", json!(["${aws:PrincipalTag/rule}", RULE])), Some(false));
        assert_eq!(with("StringNotLike", json!("${aws:PrincipalTag/rule}")), None);
    }

    #[test]
    fn all_keys_must_be_met() {
        assert_eq!(is_met(&Value::Null, RULE), Some(true));
        let secure = |value: Value| is_met(&json!({ "Bool": { "aws:SecureTransport": value } }), RULE);
        assert_eq!([json!("false"), json!(false), json!(["false"])].map(secure), [Some(false); 3]);
        assert_eq!([json!("true"), json!(["true", "false"]), json!([])].map(secure), [None; 3]);
        let other_organization = json!({
            "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-1" },
            "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
        });
        assert_eq!(is_met(&other_organization, RULE), Some(false));
        let unknown = json!({ "StringEquals": { "aws:SourceAccount": "123456789012", "aws:SourceArn": RULE } });
        assert_eq!(is_met(&unknown, RULE), None);
        let unmet = json!({ "StringEquals": { "aws:SourceAccount": "123456789012", "aws:SourceArn": "other" } });
        assert_eq!(is_met(&unmet, RULE), Some(false));
        assert_eq!(is_met(&json!("invalid"), RULE), None);
    }
}
