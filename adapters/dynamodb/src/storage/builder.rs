use std::time::Duration;

use aws_sdk_dynamodb::Client;
use castore_aws::RequestPolicy;
use castore_core::storage::StorageId;

use crate::DynamoDbEventStorageAdapter;
use crate::request::Requests;

/// A builder for a [`DynamoDbEventStorageAdapter`] with custom options.
#[derive(Debug, Clone)]
#[must_use = "`build` creates the adapter"]
pub struct DynamoDbEventStorageAdapterBuilder {
    client: Client,
    table_name: String,
    storage_name: Option<String>,
    consistent_reads: bool,
    rewrites_table: Option<String>,
    refuse_gaps: bool,
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
            refuse_gaps: false,
            policy: RequestPolicy::default(),
        }
    }

    /// Sets the maximum number of attempts of a request. Defaults to 10. The value 0 is treated as 1. A request is
    /// retried if DynamoDB throttles it, if another transaction is in conflict with it, or if the response is lost and
    /// sending the request twice is harmless.
    ///
    /// The retries of the client's own configuration are disabled.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.policy = self.policy.attempts(attempts);
        self
    }

    /// Sets the backoff between attempts. Each delay is a random duration below an upper bound, which starts at `first`
    /// and doubles with each attempt, up to `longest`. Defaults to 25 milliseconds and 2 seconds.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.policy = self.policy.backoff(first, longest);
        self
    }

    /// Sets the time limit for the response to each attempt of a request. Defaults to 10 seconds.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.policy = self.policy.timeout(timeout);
        self
    }

    /// Sets whether reads of an aggregate's events are strongly consistent. Defaults to `true`. Eventually consistent
    /// reads cost half as much, but may miss the latest pushes: commands may then fail with a conflict, after which
    /// they are retried.
    pub fn consistent_reads(mut self, consistent_reads: bool) -> Self {
        self.consistent_reads = consistent_reads;
        self
    }

    /// Sets the name of the storage. All adapters of this process with the same name must access tables of one account
    /// and region. Event groups may span these adapters. Without a name, only clones of an adapter and adapters created
    /// by [`with_table_name`](DynamoDbEventStorageAdapter::with_table_name) belong to one storage, because the account
    /// of a client cannot be determined.
    pub fn storage_name(mut self, name: impl Into<String>) -> Self {
        self.storage_name = Some(name.into());
        self
    }

    /// Sets a table that counts how often events of each aggregate were replaced, so that no process uses a snapshot
    /// made from replaced events. The table must not be the event table.
    /// [`create_rewrites_table`](DynamoDbEventStorageAdapter::create_rewrites_table) creates the rewrites table.
    /// Adapters for several event tables may share one rewrites table.
    ///
    /// A forced push is then a transaction of the event and the counter of its aggregate, and is billed as a
    /// transaction. A load with snapshots reads the counter first. In a forced group, the number of events plus the
    /// number of their aggregates is limited to 100.
    ///
    /// DynamoDB has no triggers. If **another program** replaces an event, for example a TypeScript service, the
    /// rewrite is counted only when the table's stream is read. A [`DynamoDbRelay`](crate::DynamoDbRelay) that was
    /// started with this adapter reads the stream, and so does a [`LambdaStreamHandler`](crate::LambdaStreamHandler)
    /// with the option [`note_rewrites`](crate::LambdaStreamHandlerBuilder::note_rewrites). Until the rewrite is
    /// counted, which usually takes only a moment, outdated snapshots are used. If no relay or handler reads the
    /// stream, these snapshots stay in use.
    ///
    /// Defaults to no table: event stores remove the snapshots of an aggregate after their own forced pushes, and do
    /// not detect forced pushes of other programs.
    pub fn rewrites_table(mut self, table_name: impl Into<String>) -> Self {
        self.rewrites_table = Some(table_name.into());
        self
    }

    /// Sets whether pushes that leave a gap fail with [`VersionGap`](castore_core::storage::VersionGap), as with the
    /// other storages: version `n` is stored only if version `n - 1` is stored, or part of the same group. Defaults to
    /// `false`, because the check requires a condition on another item.
    ///
    /// The push of any version but the first is then a transaction of the event and the check. An event of up to 1 KB
    /// costs 4 write capacity units instead of 1. The reason is that transactions cost twice as much, and the check
    /// costs as much as a write of the checked item. A larger event costs 2 units per KB of the event and of the event
    /// before it. Transactions also take longer than single puts. A group has one check per aggregate, and the number
    /// of its events plus the number of its checks is limited to 100.
    ///
    /// Only the preceding version is checked, so an event may fill an existing gap. Pushes with `allow_gap(true)`, and
    /// forced pushes, have no check.
    pub fn refuse_gaps(mut self, refuse_gaps: bool) -> Self {
        self.refuse_gaps = refuse_gaps;
        self
    }

    /// Creates the adapter. This call sends no request.
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
            refuse_gaps: self.refuse_gaps,
        }
    }
}
