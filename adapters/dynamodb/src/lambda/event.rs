use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use crate::StreamChange;
use crate::item::Item;
use crate::stream::change_of;

/// What a Lambda function is invoked with by the stream of a table. It deserialises from that, so that it can be the
/// payload of a `lambda_runtime` function.
#[derive(Debug, Clone, Deserialize)]
pub struct LambdaStreamEvent {
    /// The records, those of one aggregate in their order.
    #[serde(rename = "Records")]
    pub records: Vec<LambdaStreamRecord>,
}

/// One change of the table.
#[derive(Clone, Deserialize)]
pub struct LambdaStreamRecord {
    #[serde(rename = "eventName")]
    event_name: String,
    dynamodb: Content,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    sequence_number: String,
    #[serde(default)]
    keys: HashMap<String, Attribute>,
    new_image: Option<HashMap<String, Attribute>>,
}

/// As DynamoDB writes attributes in JSON.
#[derive(Clone, Deserialize)]
enum Attribute {
    S(String),
    N(String),
    #[serde(rename = "BOOL")]
    Bool(bool),
    #[serde(rename = "NULL")]
    Null(bool),
    L(Vec<Attribute>),
    M(HashMap<String, Attribute>),
    // No event has one of these.
    #[serde(alias = "SS", alias = "NS", alias = "BS")]
    B(serde::de::IgnoredAny),
}

impl LambdaStreamRecord {
    /// Its place in its shard: what a batch response names it by.
    pub fn sequence_number(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// What happened.
    pub fn change(&self) -> StreamChange {
        let image = self.dynamodb.new_image.as_ref().map(item_of);
        change_of(self.event_name == "INSERT", &item_of(&self.dynamodb.keys), image.as_ref())
    }
}

impl fmt::Debug for LambdaStreamRecord {
    /// Without what is in it, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LambdaStreamRecord")
            .field("event_name", &self.event_name)
            .field("sequence_number", &self.dynamodb.sequence_number)
            .finish_non_exhaustive()
    }
}

fn item_of(image: &HashMap<String, Attribute>) -> Item {
    image.iter().map(|(name, value)| (name.clone(), value_of(value))).collect()
}

fn value_of(value: &Attribute) -> AttributeValue {
    match value {
        Attribute::S(text) => AttributeValue::S(text.clone()),
        Attribute::N(number) => AttributeValue::N(number.clone()),
        Attribute::Bool(truth) => AttributeValue::Bool(*truth),
        Attribute::Null(null) => AttributeValue::Null(*null),
        Attribute::L(elements) => AttributeValue::L(elements.iter().map(value_of).collect()),
        Attribute::M(members) => AttributeValue::M(item_of(members)),
        Attribute::B(_) => AttributeValue::Bs(Vec::new()),
    }
}
