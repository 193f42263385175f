use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError as ServiceError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription,
};
use aws_sdk_dynamodb::{Client, error::SdkError};
use castore_aws::RequestError;
use tokio::time::Instant;

use super::{CreateTableError, description};
use crate::DynamoDbEventStorageAdapter;
use crate::item::attributes;
use crate::request::{Effect, Requests};

/// How to create a table.
#[derive(Debug, Clone)]
pub struct CreateTableOptions {
    stream: Option<StreamViewType>,
    wait: Duration,
}

impl Default for CreateTableOptions {
    /// Without a stream; waits 5 minutes.
    fn default() -> Self {
        Self { stream: None, wait: Duration::from_secs(300) }
    }
}

impl CreateTableOptions {
    /// Gives the table a stream of its changes. `NewImage` is what publishing from it needs; `NewAndOldImages` also
    /// shows what a forced push replaced.
    #[must_use]
    pub fn stream(mut self, view: StreamViewType) -> Self {
        self.stream = Some(view);
        self
    }

    /// How long to wait until table and index are ready. 5 minutes by default.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

impl DynamoDbEventStorageAdapter {
    /// Creates the table, as the original's documentation has it: partition key `aggregateId`, sort key `version`,
    /// and the index `initialEvents` of `eventStoreId` and `timestamp`, with keys only. It is paid for by request.
    ///
    /// Returns when the table can be used. If it is there already, nothing is changed, except that a stream that is
    /// asked for and missing is switched on. May be called by many at once, and again.
    ///
    /// For tests and small services: elsewhere, tables belong to the infrastructure's code.
    ///
    /// # Errors
    /// See the variants of [`CreateTableError`].
    pub async fn create_event_table(&self, options: CreateTableOptions) -> Result<(), CreateTableError> {
        let request = |client: &Client| create_request(client.clone(), self.table_name(), options.stream.as_ref());
        let created = self.requests().send("CreateTable", Effect::Repeatable, |_| None, request).await;
        match created {
            Ok(_) => {}
            Err(failure) if failure.code() == Some("ResourceInUseException") => {}
            Err(failure) => return Err(self.failed(failure)),
        }
        let table = ready_table(self.requests(), self.table_name(), options.wait).await?;
        if let Some(difference) = description::difference(&table) {
            return Err(self.different(difference));
        }
        match (&options.stream, description::stream(&table)) {
            (None, _) => Ok(()),
            (Some(wanted), Some(there)) if wanted == there => Ok(()),
            (Some(wanted), Some(there)) => Err(self.different(format!("its stream shows {there}, not {wanted}"))),
            (Some(wanted), None) => {
                self.enable_stream(wanted).await?;
                ready_table(self.requests(), self.table_name(), options.wait).await.map(drop)
            }
        }
    }

    async fn enable_stream(&self, view: &StreamViewType) -> Result<(), CreateTableError> {
        let request = |client: &Client| {
            let update = client.update_table().table_name(self.table_name());
            let view = view.clone();
            async move {
                update.stream_specification(stream_of(&view).map_err(SdkError::construction_failure)?).send().await
            }
        };
        match self.requests().send("UpdateTable", Effect::Repeatable, |_| None, request).await {
            Ok(_) => Ok(()),
            // Another one was faster.
            Err(failure) if failure.code() == Some("ResourceInUseException") => Ok(()),
            Err(failure) => Err(self.failed(failure)),
        }
    }

    fn failed(&self, failure: RequestError) -> CreateTableError {
        CreateTableError::Request { table_name: self.table_name().to_owned(), error: failure }
    }

    fn different(&self, difference: String) -> CreateTableError {
        CreateTableError::Different { table_name: self.table_name().to_owned(), difference }
    }
}

/// Waits until table and indexes can be used.
pub(super) async fn ready_table(
    requests: &Requests,
    table_name: &str,
    wait: Duration,
) -> Result<TableDescription, CreateTableError> {
    let give_up = Instant::now() + wait;
    let mut pause = Duration::from_millis(20);
    loop {
        let request = |client: &Client| client.describe_table().table_name(table_name).send();
        let described = requests.send("DescribeTable", Effect::Repeatable, |_| None, request).await;
        match described.map(|answer| answer.table) {
            Ok(Some(table)) if description::is_ready(&table) => return Ok(table),
            Ok(_) => {}
            // A table that was created a moment ago may not be known everywhere.
            Err(failure) if failure.code() == Some("ResourceNotFoundException") => {}
            Err(failure) => {
                return Err(CreateTableError::Request { table_name: table_name.to_owned(), error: failure });
            }
        }
        if Instant::now() + pause > give_up {
            return Err(CreateTableError::NotReady { table_name: table_name.to_owned(), waited: wait });
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(Duration::from_secs(2));
    }
}

async fn create_request(
    client: Client,
    table_name: &str,
    stream: Option<&StreamViewType>,
) -> Result<(), SdkError<ServiceError>> {
    with_schema(client.create_table(), stream)
        .map_err(SdkError::construction_failure)?
        .table_name(table_name)
        .send()
        .await
        .map(drop)
}

fn with_schema(
    request: CreateTableFluentBuilder,
    stream: Option<&StreamViewType>,
) -> Result<CreateTableFluentBuilder, BuildError> {
    let attribute = |name: &str, scalar: ScalarAttributeType| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(scalar).build()
    };
    let key =
        |name: &str, key_type: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(key_type).build();
    let initial_events = GlobalSecondaryIndex::builder()
        .index_name(attributes::INITIAL_EVENTS)
        .key_schema(key(attributes::EVENT_STORE_ID, KeyType::Hash)?)
        .key_schema(key(attributes::TIMESTAMP, KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()?;
    Ok(request
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute(attributes::AGGREGATE_ID, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(attributes::VERSION, ScalarAttributeType::N)?)
        .attribute_definitions(attribute(attributes::EVENT_STORE_ID, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(attributes::TIMESTAMP, ScalarAttributeType::S)?)
        .key_schema(key(attributes::AGGREGATE_ID, KeyType::Hash)?)
        .key_schema(key(attributes::VERSION, KeyType::Range)?)
        .global_secondary_indexes(initial_events)
        .set_stream_specification(stream.map(stream_of).transpose()?))
}

fn stream_of(view: &StreamViewType) -> Result<StreamSpecification, BuildError> {
    StreamSpecification::builder().stream_enabled(true).stream_view_type(view.clone()).build()
}
