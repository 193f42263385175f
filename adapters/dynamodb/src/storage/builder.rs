use std::time::Duration;

use aws_sdk_dynamodb::Client;
use castore_aws::RequestPolicy;
use castore_core::storage::StorageId;

use crate::DynamoDbEventStorageAdapter;
use crate::request::Requests;

/// Makes a [`DynamoDbEventStorageAdapter`] with other than the default options.
#[derive(Debug, Clone)]
#[must_use = "`build` makes the adapter"]
pub struct DynamoDbEventStorageAdapterBuilder {
    client: Client,
    table_name: String,
    storage_name: Option<String>,
    consistent_reads: bool,
    rewrites_table: Option<String>,
    policy: RequestPolicy,
}

impl DynamoDbEventStorageAdapterBuilder {
    pub(super) fn new(client: Client, table_name: String) -> Self {
        Self {
            client,
            table_name,
            storage_name: None,
            consistent_reads: true,
            rewrites_table: None,
            policy: RequestPolicy::default(),
        }
    }

    /// How often a request is sent at most, when DynamoDB throttles it, a transaction is in its way, or (where sending
    /// it twice does no harm) the answer is lost. 10 by default, at least 1.
    ///
    /// These are all the attempts there are: the retries of the client's own configuration are switched off.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.policy = self.policy.attempts(attempts);
        self
    }

    /// How long the pauses between attempts are: after the first one up to `first`, after each further one up to twice
    /// as long, but never longer than `longest`. Each is a random part of that. 25 milliseconds and 2 seconds by
    /// default.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.policy = self.policy.backoff(first, longest);
        self
    }

    /// How long to wait for the answer to one request. 10 seconds by default.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// Whether the events of an aggregate are read strongly consistent (the default). If not, a read costs half, but
    /// may miss the latest pushes; commands then run into conflicts, which they retry.
    pub fn consistent_reads(mut self, consistent_reads: bool) -> Self {
        self.consistent_reads = consistent_reads;
        self
    }

    /// Says that all adapters of this process with the same name reach tables of one account in one region, so that
    /// event groups may span them. Unless named, only clones of an adapter and those made by
    /// [`with_table_name`](DynamoDbEventStorageAdapter::with_table_name) are one storage: which account a client
    /// writes to cannot be read off it.
    pub fn storage_name(mut self, name: impl Into<String>) -> Self {
        self.storage_name = Some(name.into());
        self
    }

    /// Counts in this table how often events of an aggregate were replaced, so that snapshots of what they were are not
    /// used any more, in whichever process. The table is this crate's own, and must not be that of the events:
    /// [`create_rewrites_table`](DynamoDbEventStorageAdapter::create_rewrites_table) makes it. Adapters for several
    /// event tables may share one.
    ///
    /// A forced push then is a transaction of the event and its aggregate's counter (and costs as one), and a load with
    /// snapshots reads the counter first. A forced group has at most 100 events and aggregates together.
    ///
    /// DynamoDB has no triggers: what **others** replace, a TypeScript service say, is counted only when somebody reads
    /// it from the table's stream, as a [`DynamoDbRelay`](crate::DynamoDbRelay) and a
    /// [`LambdaStreamHandler`](crate::LambdaStreamHandler) do that were given this adapter. Until then, a moment as a
    /// rule, snapshots of before are used; and if nobody reads the stream, they stay in use.
    ///
    /// Without a table, the default, event stores remove the snapshots of an aggregate after their own forced pushes,
    /// and nothing is known of those of others.
    pub fn rewrites_table(mut self, table_name: impl Into<String>) -> Self {
        self.rewrites_table = Some(table_name.into());
        self
    }

    /// Makes the adapter. Nothing is asked of DynamoDB yet.
    pub fn build(self) -> DynamoDbEventStorageAdapter {
        let storage_id = match self.storage_name {
            Some(name) => StorageId::named(format!("dynamodb:{name}")),
            None => StorageId::unique(),
        };
        DynamoDbEventStorageAdapter {
            requests: Requests::new(&self.client, self.policy),
            table_name: self.table_name.into(),
            storage_id,
            consistent_reads: self.consistent_reads,
            rewrites_table: self.rewrites_table.map(Into::into),
        }
    }
}
