use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use crate::StreamChange;
use crate::item::Item;
use crate::stream::change_of;

/// The payload with which a table's stream invokes a Lambda function. The type implements `Deserialize`, so it can be
/// the payload type of a `lambda_runtime` function.
#[derive(Debug, Clone, Deserialize)]
pub struct LambdaStreamEvent {
    /// The records of the stream. The records of one aggregate are in order.
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

/// An attribute in DynamoDB's JSON format.
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
    // Items of events have no attributes of these types.
    #[serde(alias = "SS", alias = "NS", alias = "BS")]
    B(serde::de::IgnoredAny),
}

impl LambdaStreamRecord {
    /// Returns the sequence number of the record in its shard, which identifies the record in a batch response.
    pub fn sequence_number(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// Returns the change that the record describes.
    pub fn change(&self) -> StreamChange {
        let image = self.dynamodb.new_image.as_ref().map(item_of);
        change_of(self.event_name == "INSERT", &item_of(&self.dynamodb.keys), image.as_ref())
    }
}

impl fmt::Debug for LambdaStreamRecord {
    /// Writes the record without its content, which may be private.
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
