//! Objects with sorted keys. Another crate of the program may enable the feature `preserve_order` of serde_json, which
//! keeps the order in which keys are inserted. The output must not depend on that feature.

use std::collections::BTreeMap;

use serde_json::Value;

pub(super) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries: BTreeMap<String, Value> =
                entries.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        value => value,
    }
}
