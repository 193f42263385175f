//! Converting the attributes of stream records, for which the SDK has a separate type.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::types::AttributeValue as Streamed;

use crate::item::Item;

pub(super) fn item_of(image: std::collections::HashMap<String, Streamed>) -> Item {
    image.into_iter().map(|(name, value)| (name, value_of(value))).collect()
}

/// Converts an attribute. Sets of bytes, and types that may be added in the future, become an empty set of bytes. No
/// event contains such a set, so an event with such an attribute is reported as damaged.
fn value_of(value: Streamed) -> AttributeValue {
    match value {
        Streamed::S(text) => AttributeValue::S(text),
        Streamed::N(number) => AttributeValue::N(number),
        Streamed::Bool(truth) => AttributeValue::Bool(truth),
        Streamed::Null(null) => AttributeValue::Null(null),
        Streamed::L(elements) => AttributeValue::L(elements.into_iter().map(value_of).collect()),
        Streamed::M(members) => AttributeValue::M(item_of(members)),
        Streamed::B(bytes) => AttributeValue::B(bytes),
        Streamed::Ss(texts) => AttributeValue::Ss(texts),
        Streamed::Ns(numbers) => AttributeValue::Ns(numbers),
        // Sets of bytes, and types that may be added in the future.
        _ => AttributeValue::Bs(Vec::new()),
    }
}
