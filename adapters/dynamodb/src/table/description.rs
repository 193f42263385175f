//! What DynamoDB says about a table, beside what events need.

use aws_sdk_dynamodb::types::{
    IndexStatus, KeySchemaElement, KeyType, ScalarAttributeType, StreamViewType, TableDescription, TableStatus,
};

use crate::item::attributes;

/// What speaks against keeping events in the table, if anything does.
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

fn has_keys(
    table: &TableDescription,
    schema: &[KeySchemaElement],
    hash: &str,
    (range, range_type): (&str, ScalarAttributeType),
) -> bool {
    let is = |name: &str, key_type: KeyType, scalar: &ScalarAttributeType| {
        schema.iter().any(|key| key.attribute_name() == name && *key.key_type() == key_type)
            && table
                .attribute_definitions()
                .iter()
                .any(|attribute| attribute.attribute_name() == name && attribute.attribute_type() == scalar)
    };
    is(hash, KeyType::Hash, &ScalarAttributeType::S) && is(range, KeyType::Range, &range_type)
}

/// Whether table and indexes can be written and read.
pub(super) fn is_ready(table: &TableDescription) -> bool {
    let active = |status: Option<&IndexStatus>| status.is_none_or(|status| *status == IndexStatus::Active);
    table.table_status() == Some(&TableStatus::Active)
        && table.global_secondary_indexes().iter().all(|index| active(index.index_status()))
}

/// What the table's stream shows, if it has one.
pub(super) fn stream(table: &TableDescription) -> Option<&StreamViewType> {
    table.stream_specification().filter(|stream| stream.stream_enabled()).and_then(|stream| stream.stream_view_type())
}
