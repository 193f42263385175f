//! The contract of event storage adapters: requests, results and errors.

mod adapter;
mod delegating;
mod deletion;
mod error;
mod first_gap;
mod known_versions;
mod page_token;
mod raw_event;
mod schema;
mod transaction;
mod visit;

pub use adapter::{
    AggregateIdsPage, EventStorageAdapter, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions, ListedAggregate,
    PushOptions, PushReceipt, StorageId, innermost, visit_in_pages,
};
pub use delegating::DelegatingStorageAdapter;
pub use deletion::{AggregateDeletion, Deletion};
pub use error::{EventAlreadyExists, StorageError, UndefinedEventStorageAdapterError, VersionGap};
pub use first_gap::{FirstGap, first_gap};
#[doc(hidden)]
pub use known_versions::{AskedAt, KnownVersions};
pub use page_token::{LastEvaluatedKey, PageToken};
pub use raw_event::{DecodedCache, RawEvent, RawEventRef};
pub use schema::StorageSchema;
pub use transaction::{BlockingPushTransaction, BlockingReadTransaction, PushTransaction, ReadTransaction};
pub use visit::EventVisitor;
