//! Creating the additional tables of this crate, which the original package does not have.

use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection, ProjectionType,
    ScalarAttributeType,
};
use aws_sdk_dynamodb::{Client, error::SdkError};

use super::create::ready_table;
use super::{CreateTableError, description};
use crate::request::{Effect, Requests};

/// The maximum time to wait until a table is ready.
const WAIT: Duration = Duration::from_secs(300);

/// The key attributes of an additional table. All keys are text, except the sort key of the index, which is a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnTable {
    pub(crate) hash: &'static str,
    pub(crate) range: Option<&'static str>,
    /// The name and the sort key of an index with the same partition key. The index contains only keys.
    pub(crate) by_number: Option<(&'static str, &'static str)>,
}

impl OwnTable {
    /// Creates the table if it does not exist, and returns when it is ready. The table is billed per request.
    pub(crate) async fn create(&self, requests: &Requests, table_name: &str) -> Result<(), CreateTableError> {
        let request = |client: &Client| {
            let request = self.with_schema(client.create_table());
            async move { request.map_err(SdkError::construction_failure)?.table_name(table_name).send().await }
        };
        match requests.send("CreateTable", Effect::Repeatable, |_| None, request).await {
            Ok(_) => {}
            Err(failure) if failure.code() == Some("ResourceInUseException") => {}
            Err(failure) => {
                return Err(CreateTableError::Request { table_name: table_name.to_owned(), error: failure });
            }
        }
        let table = ready_table(requests, table_name, WAIT).await?;
        match description::difference_of_own(&table, self) {
            None => Ok(()),
            Some(difference) => Err(CreateTableError::Different { table_name: table_name.to_owned(), difference }),
        }
    }

    fn with_schema(&self, request: CreateTableFluentBuilder) -> Result<CreateTableFluentBuilder, BuildError> {
        let attribute = |name: &str, scalar: ScalarAttributeType| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(scalar).build()
        };
        let key =
            |name: &str, key_type: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(key_type).build();
        let mut request = request
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute(self.hash, ScalarAttributeType::S)?)
            .key_schema(key(self.hash, KeyType::Hash)?);
        if let Some(range) = self.range {
            request = request
                .attribute_definitions(attribute(range, ScalarAttributeType::S)?)
                .key_schema(key(range, KeyType::Range)?);
        }
        if let Some((index, number)) = self.by_number {
            let index = LocalSecondaryIndex::builder()
                .index_name(index)
                .key_schema(key(self.hash, KeyType::Hash)?)
                .key_schema(key(number, KeyType::Range)?)
                .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
                .build()?;
            request = request
                .attribute_definitions(attribute(number, ScalarAttributeType::N)?)
                .local_secondary_indexes(index);
        }
        Ok(request)
    }
}
