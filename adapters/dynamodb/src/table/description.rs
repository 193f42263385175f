//! Comparison of DynamoDB's table description with the required definition.

use aws_sdk_dynamodb::types::{
    IndexStatus, KeySchemaElement, KeyType, ScalarAttributeType, StreamViewType, TableDescription, TableStatus,
};

use super::OwnTable;
use crate::item::attributes;

/// Returns the reason why the table cannot store events, or `None` if it can store them.
pub(super) fn difference(table: &TableDescription) -> Option<String> {
    if !has_keys(table, table.key_schema(), attributes::AGGREGATE_ID, (attributes::VERSION, ScalarAttributeType::N)) {
        return Some("its keys are not aggregateId (S) and version (N)".to_owned());
    }
    let index =
        table.global_secondary_indexes().iter().find(|index| index.index_name() == Some(attributes::INITIAL_EVENTS));
    match index {
        None => Some("it has no index initialEvents".to_owned()),
        Some(index)
            if !has_keys(
                table,
                index.key_schema(),
                attributes::EVENT_STORE_ID,
                (attributes::TIMESTAMP, ScalarAttributeType::S),
            ) =>
        {
            Some("the keys of its index initialEvents are not eventStoreId (S) and timestamp (S)".to_owned())
        }
        Some(_) => None,
    }
}

/// Returns the reason why the table cannot be used as the additional table `own`, or `None` if it can be used.
pub(super) fn difference_of_own(table: &TableDescription, own: &OwnTable) -> Option<String> {
    let range = own.range.map(|range| (range, ScalarAttributeType::S));
    let has_table_keys = match range {
        Some(range) => has_keys(table, table.key_schema(), own.hash, range),
        None => has_key(table, table.key_schema(), own.hash, KeyType::Hash, &ScalarAttributeType::S),
    };
    if !has_table_keys || table.key_schema().len() != 1 + usize::from(own.range.is_some()) {
        let range = own.range.map_or_else(String::new, |range| format!(" and {range} (S)"));
        return Some(format!("its keys are not {} (S){range}", own.hash));
    }
    let (name, number) = own.by_number?;
    let index = table.local_secondary_indexes().iter().find(|index| index.index_name() == Some(name));
    let is_there =
        index.is_some_and(|index| has_keys(table, index.key_schema(), own.hash, (number, ScalarAttributeType::N)));
    (!is_there).then(|| format!("it has no index {name} of {} (S) and {number} (N)", own.hash))
}

fn has_keys(
    table: &TableDescription,
    schema: &[KeySchemaElement],
    hash: &str,
    (range, range_type): (&str, ScalarAttributeType),
) -> bool {
    has_key(table, schema, hash, KeyType::Hash, &ScalarAttributeType::S)
        && has_key(table, schema, range, KeyType::Range, &range_type)
}

fn has_key(
    table: &TableDescription,
    schema: &[KeySchemaElement],
    name: &str,
    key_type: KeyType,
    scalar: &ScalarAttributeType,
) -> bool {
    schema.iter().any(|key| key.attribute_name() == name && *key.key_type() == key_type)
        && table
            .attribute_definitions()
            .iter()
            .any(|attribute| attribute.attribute_name() == name && attribute.attribute_type() == scalar)
}

/// Returns whether the table and its indexes can be written and read.
pub(super) fn is_ready(table: &TableDescription) -> bool {
    let active = |status: Option<&IndexStatus>| status.is_none_or(|status| *status == IndexStatus::Active);
    table.table_status() == Some(&TableStatus::Active)
        && table.global_secondary_indexes().iter().all(|index| active(index.index_status()))
}

/// Returns the view type of the table's stream, if it has one.
pub(super) fn stream(table: &TableDescription) -> Option<&StreamViewType> {
    table.stream_specification().filter(|stream| stream.stream_enabled()).and_then(|stream| stream.stream_view_type())
}
