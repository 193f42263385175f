//! A small evaluator of event patterns: exact values, `anything-but`, `exists`, `$or`, and objects.

use serde_json::Value;

/// Returns whether an event matches a pattern.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let fields = pattern.as_object().expect("a pattern is an object");
    assert!(!fields.is_empty(), "an empty object is no pattern");
    fields.iter().all(|(name, wanted)| match (name.as_str(), wanted) {
        ("$or", Value::Array(alternatives)) => {
            assert!(alternatives.len() >= 2, "$or wants two alternatives");
            alternatives.iter().any(|alternative| matches(alternative, event))
        }
        (_, Value::Object(_)) => matches(wanted, event.get(name).unwrap_or(&Value::Null)),
        (_, Value::Array(values)) => {
            assert!(!values.is_empty(), "an empty list is no pattern");
            values.iter().any(|value| value_matches(value, event.get(name)))
        }
        _ => panic!("{wanted} is no pattern"),
    })
}

fn value_matches(pattern: &Value, found: Option<&Value>) -> bool {
    // Only leaves are compared.
    let leaf = found.filter(|found| !found.is_object() && !found.is_array());
    match pattern {
        Value::Object(operator) => {
            assert_eq!(operator.len(), 1, "one operator");
            match operator.iter().next().map(|(name, operand)| (name.as_str(), operand)) {
                Some(("exists", Value::Bool(exists))) => leaf.is_some() == *exists,
                Some(("anything-but", Value::Array(values))) => leaf.is_some_and(|leaf| !values.contains(leaf)),
                _ => panic!("{pattern} is no operator"),
            }
        }
        value => leaf == Some(value),
    }
}

#[test]
fn evaluates() {
    use serde_json::json;
    let event = json!({ "source": "S", "detail-type": "T", "detail": { "event": { "type": "T" } } });
    for (pattern, expected) in [
        (json!({ "source": ["S"] }), true),
        (json!({ "source": ["R", "S"], "detail-type": ["T"] }), true),
        (json!({ "source": ["S"], "detail-type": ["U"] }), false),
        (json!({ "detail-type": [{ "anything-but": ["U", "V"] }] }), true),
        (json!({ "detail-type": [{ "anything-but": ["T"] }] }), false),
        (json!({ "missing": [{ "anything-but": ["T"] }] }), false),
        (json!({ "detail": { "event": { "type": ["T"] } } }), true),
        (json!({ "detail": { "event": [{ "exists": true }] } }), false),
        (json!({ "detail": { "replay": [{ "exists": false }] } }), true),
        (json!({ "detail": { "event": { "type": ["U", { "exists": false }] } } }), false),
        (json!({ "detail": { "other": { "type": ["U", { "exists": false }] } } }), true),
        (json!({ "$or": [{ "source": ["R"] }, { "detail-type": ["T"] }] }), true),
        (json!({ "$or": [{ "source": ["R"] }, { "detail-type": ["U"] }] }), false),
    ] {
        assert_eq!(matches(&pattern, &event), expected, "{pattern}");
    }
}
