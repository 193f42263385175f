//! Comparison with recorded requests and items of the original TypeScript package.

use serde_json::{Value, json};

pub(crate) fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/dynamodb.json")).unwrap()
}

/// Returns the input of the only call of a recorded scenario.
pub(crate) fn input(scenario: &str) -> Value {
    let recorded = &golden()["singleTable"][scenario]["calls"];
    assert_eq!(recorded.as_array().map(Vec::len), Some(1), "{scenario}");
    recorded[0]["input"].clone()
}

/// Returns a page token as a value that does not depend on the order of its parts.
pub(crate) fn parsed(token: &str) -> Value {
    serde_json::from_str(token).unwrap()
}

/// Returns the key that the recorded page tokens contain.
pub(crate) fn recorded_key() -> Value {
    json!({
        "aggregateId": { "S": "POKEMONS#11111111-1111-4111-8111-111111111111" },
        "version": { "N": "1" },
        "timestamp": { "S": "2022-01-01T00:00:00.000Z" },
        "eventStoreId": { "S": "POKEMONS" },
    })
}
