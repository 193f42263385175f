use std::any::Any;
use std::fmt::Debug;

use async_trait::async_trait;

use super::{
    AggregateIdsPage, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions,
    PushOptions, PushReceipt, RawEvent, StorageError, StorageId,
};

/// A storage adapter that wraps another adapter. All methods that the wrapper does not override are forwarded to
/// [`inner`](Self::inner).
///
/// Implement this trait for adapters that record, measure, delay or fail calls. Each implementor is automatically an
/// [`EventStorageAdapter`].
///
/// [`get_events`](Self::get_events) and [`visit_events`](Self::visit_events) are forwarded separately. A wrapper that
/// changes how events are read must override both, for example with [`visit_in_pages`](super::visit_in_pages).
///
/// ```
/// use castore_core::storage::{DelegatingStorageAdapter, EventStorageAdapter, PushOptions, PushReceipt, RawEvent, StorageError};
///
/// #[derive(Debug)]
/// struct ReadOnly<A>(A);
///
/// #[async_trait::async_trait]
/// impl<A: EventStorageAdapter> DelegatingStorageAdapter for ReadOnly<A> {
///     fn inner(&self) -> &dyn EventStorageAdapter {
///         &self.0
///     }
///
///     async fn push_event(&self, _: &str, _: RawEvent, _: PushOptions) -> Result<PushReceipt, StorageError> {
///         Err(StorageError::engine("read only"))
///     }
///     // ... and `push_event_group` ...
/// }
/// ```
#[async_trait]
pub trait DelegatingStorageAdapter: Any + Debug + Send + Sync {
    /// Returns the adapter to which calls are forwarded.
    fn inner(&self) -> &dyn EventStorageAdapter;

    /// Forwards to [`EventStorageAdapter::storage_id`] of the inner adapter, unless overridden.
    fn storage_id(&self) -> StorageId {
        self.inner().storage_id()
    }

    /// Forwards to [`EventStorageAdapter::namespace`] of the inner adapter, unless overridden.
    fn namespace(&self) -> &str {
        self.inner().namespace()
    }

    /// Forwards to [`EventStorageAdapter::get_events`] of the inner adapter, unless overridden.
    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        self.inner().get_events(event_store_id, aggregate_id, options).await
    }

    /// Forwards to [`EventStorageAdapter::visit_events`] of the inner adapter, unless overridden.
    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        self.inner().visit_events(event_store_id, aggregate_id, options, visit).await
    }

    /// Forwards to [`EventStorageAdapter::push_event`] of the inner adapter, unless overridden.
    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        self.inner().push_event(event_store_id, event, options).await
    }

    /// Forwards to [`EventStorageAdapter::push_event_group`] of the inner adapter, unless overridden.
    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        self.inner().push_event_group(group, options).await
    }

    /// Forwards to [`EventStorageAdapter::rewrite_count`] of the inner adapter, unless overridden.
    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        self.inner().rewrite_count(event_store_id, aggregate_id).await
    }

    /// Forwards to [`EventStorageAdapter::list_aggregate_ids`] of the inner adapter, unless overridden.
    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        self.inner().list_aggregate_ids(event_store_id, options).await
    }
}

// Every method of `EventStorageAdapter` must be forwarded here, even if it has a default implementation. Otherwise,
// this default would run instead of the method of the inner adapter. Every method except `wrapped` must also be
// declared above.
#[diagnostic::do_not_recommend]
#[async_trait]
impl<T: DelegatingStorageAdapter> EventStorageAdapter for T {
    fn storage_id(&self) -> StorageId {
        DelegatingStorageAdapter::storage_id(self)
    }

    fn namespace(&self) -> &str {
        DelegatingStorageAdapter::namespace(self)
    }

    fn wrapped(&self) -> Option<&dyn EventStorageAdapter> {
        Some(self.inner())
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        DelegatingStorageAdapter::get_events(self, event_store_id, aggregate_id, options).await
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        DelegatingStorageAdapter::visit_events(self, event_store_id, aggregate_id, options, visit).await
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        DelegatingStorageAdapter::push_event(self, event_store_id, event, options).await
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        DelegatingStorageAdapter::push_event_group(self, group, options).await
    }

    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        DelegatingStorageAdapter::rewrite_count(self, event_store_id, aggregate_id).await
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        DelegatingStorageAdapter::list_aggregate_ids(self, event_store_id, options).await
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::time::Timestamp;

    /// An adapter that records the calls. Its methods return values that no default implementation returns, so that the
    /// tests detect a method that is not forwarded.
    #[derive(Debug, Default)]
    struct Inner {
        calls: Mutex<Vec<String>>,
    }

    impl Inner {
        fn called(&self, method: &str, event_store_id: &str) {
            self.calls.lock().unwrap().push(format!("{method} {event_store_id}"));
        }
    }

    #[async_trait]
    impl EventStorageAdapter for Inner {
        fn storage_id(&self) -> StorageId {
            StorageId::named("inner")
        }

        fn namespace(&self) -> &str {
            "table"
        }

        async fn get_events(&self, store: &str, _: &str, _: GetEventsOptions) -> Result<Vec<RawEvent>, StorageError> {
            self.called("get_events", store);
            Ok(Vec::new())
        }

        async fn visit_events(
            &self,
            store: &str,
            _: &str,
            _: GetEventsOptions,
            _: EventVisitor,
        ) -> Result<(), StorageError> {
            self.called("visit_events", store);
            Ok(())
        }

        async fn push_event(&self, store: &str, _: RawEvent, _: PushOptions) -> Result<PushReceipt, StorageError> {
            self.called("push_event", store);
            Ok(PushReceipt::new(Some(42)))
        }

        async fn push_event_group(
            &self,
            _: Vec<GroupedRawEvent>,
            _: PushOptions,
        ) -> Result<Vec<PushReceipt>, StorageError> {
            self.called("push_event_group", "");
            Ok(vec![PushReceipt::new(Some(43))])
        }

        async fn rewrite_count(&self, store: &str, _: &str) -> Result<Option<u64>, StorageError> {
            self.called("rewrites", store);
            Ok(Some(44))
        }

        async fn list_aggregate_ids(
            &self,
            store: &str,
            _: ListAggregateIdsOptions,
        ) -> Result<AggregateIdsPage, StorageError> {
            self.called("list_aggregate_ids", store);
            Ok(AggregateIdsPage { next_page_token: Some("next".to_owned()), ..AggregateIdsPage::default() })
        }
    }

    #[derive(Debug)]
    struct Wrapper(Arc<Inner>);

    impl DelegatingStorageAdapter for Wrapper {
        fn inner(&self) -> &dyn EventStorageAdapter {
            &*self.0
        }
    }

    fn event() -> RawEvent {
        RawEvent {
            aggregate_id: "a".to_owned(),
            version: 1,
            event_type: "HAPPENED".into(),
            timestamp: Timestamp::from_unix_millis(0).unwrap(),
            payload: None,
            metadata: None,
        }
    }

    #[tokio::test]
    async fn every_method_is_forwarded_by_default() {
        let inner = Arc::new(Inner::default());
        let wrapper: Arc<dyn EventStorageAdapter> = Arc::new(Wrapper(inner.clone()));
        assert_eq!((wrapper.storage_id(), wrapper.namespace()), (StorageId::named("inner"), "table"));
        wrapper.get_events("S", "a", GetEventsOptions::default()).await.unwrap();
        let visit: EventVisitor = Box::new(|_| ControlFlow::Continue(()));
        wrapper.visit_events("S", "a", GetEventsOptions::default(), visit).await.unwrap();
        let pushed = wrapper.push_event("S", event(), PushOptions::default()).await.unwrap();
        assert_eq!(pushed.position, Some(42));
        let pushed = wrapper.push_event_group(Vec::new(), PushOptions::default()).await.unwrap();
        assert_eq!(pushed, [PushReceipt::new(Some(43))]);
        assert_eq!(wrapper.rewrite_count("S", "a").await.unwrap(), Some(44));
        let page = wrapper.list_aggregate_ids("S", ListAggregateIdsOptions::default()).await.unwrap();
        assert_eq!(page.next_page_token.as_deref(), Some("next"));
        assert_eq!(
            *inner.calls.lock().unwrap(),
            [
                "get_events S",
                "visit_events S",
                "push_event S",
                "push_event_group ",
                "rewrites S",
                "list_aggregate_ids S"
            ]
        );
    }

    #[derive(Debug)]
    struct ReadOnly(Inner);

    #[async_trait]
    impl DelegatingStorageAdapter for ReadOnly {
        fn inner(&self) -> &dyn EventStorageAdapter {
            &self.0
        }

        async fn push_event(&self, _: &str, _: RawEvent, _: PushOptions) -> Result<PushReceipt, StorageError> {
            Err(StorageError::engine("read only"))
        }
    }

    #[tokio::test]
    async fn overridden_method_is_called() {
        let adapter: Arc<dyn EventStorageAdapter> = Arc::new(ReadOnly(Inner::default()));
        assert!(adapter.push_event("S", event(), PushOptions::default()).await.is_err());
    }
}
