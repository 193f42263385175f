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

/// Options for creating an event table.
#[derive(Debug, Clone)]
pub struct CreateTableOptions {
    stream: Option<StreamViewType>,
    wait: Duration,
}

impl Default for CreateTableOptions {
    /// Returns options without a stream, and with a time limit of 5 minutes.
    fn default() -> Self {
        Self { stream: None, wait: Duration::from_secs(300) }
    }
}

impl CreateTableOptions {
    /// Enables a stream of the table's changes. Publishing from the stream requires `NewImage` or `NewAndOldImages`.
    /// With `NewAndOldImages`, the stream also contains the events that forced pushes replaced.
    #[must_use]
    pub fn stream(mut self, view: StreamViewType) -> Self {
        self.stream = Some(view);
        self
    }

    /// Sets the maximum time to wait until the table and its index are ready. Defaults to 5 minutes.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

impl DynamoDbEventStorageAdapter {
    /// Creates the table, as documented by the original TypeScript package: partition key `aggregateId`, sort key
    /// `version`, and the index `initialEvents` on `eventStoreId` and `timestamp`, which contains only keys. The table
    /// is billed per request.
    ///
    /// Returns when the table can be used. An existing table is not changed, except that a requested stream is enabled
    /// if the table has none. Any number of processes may call this method at the same time.
    ///
    /// This method is intended for tests and small services. In larger systems, define tables as part of the
    /// infrastructure code.
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
            (Some(wanted), Some(there)) => {
                Err(self.different(format!("its stream has view type {there}, not {wanted}")))
            }
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
            // Another process is changing the table at the same time, for example to enable the same stream.
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

/// Waits until the table and its indexes can be used.
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
            // A table that was just created may not be visible everywhere yet.
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
