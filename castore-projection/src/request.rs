/// A request to the projection of one version of a read model. Requests are stored in the registry of the read model's
/// database, so they work across processes.
///
/// Any process that can access the database can store a request, with
/// [`ReadModelRegistry::request`](crate::engine::ReadModelRegistry::request). A running projection of the version looks
/// for requests once per poll interval, but at most once per second. If no projection of the version is running, the
/// request is carried out when one is started. `Ord` sorts a rebuild before retries, because a rebuild makes the
/// retries unnecessary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProjectionRequest {
    /// Empties the read model and applies all events of the log again. The parked aggregates and all other requests of
    /// the version are removed.
    Rebuild,
    /// Makes one attempt to apply the events of a parked aggregate, starting with the rejected event. The aggregate
    /// stays parked if an event is rejected again.
    RetryParked {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
    },
}

impl ProjectionRequest {
    /// Creates a request to retry a parked aggregate.
    pub fn retry_parked(event_store_id: impl Into<String>, aggregate_id: impl Into<String>) -> Self {
        Self::RetryParked { event_store_id: event_store_id.into(), aggregate_id: aggregate_id.into() }
    }

    /// Returns the request as three columns of a registry: its kind, the id of the event store and the id of the
    /// aggregate. For a rebuild, both ids are empty. This method is for authors of read-model stores.
    pub fn to_columns(&self) -> (&'static str, &str, &str) {
        match self {
            Self::Rebuild => ("rebuild", "", ""),
            Self::RetryParked { event_store_id, aggregate_id } => ("retry", event_store_id, aggregate_id),
        }
    }

    /// Creates a request from the columns of a registry: the inverse of [`to_columns`](Self::to_columns). Returns
    /// `None` for a kind that this release does not know.
    pub fn from_columns(kind: &str, event_store_id: String, aggregate_id: String) -> Option<Self> {
        match kind {
            "rebuild" => Some(Self::Rebuild),
            "retry" => Some(Self::RetryParked { event_store_id, aggregate_id }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_requests_can_be_read_again() {
        for request in [ProjectionRequest::Rebuild, ProjectionRequest::retry_parked("STORE", "a")] {
            let (kind, store, aggregate) = request.to_columns();
            let read = ProjectionRequest::from_columns(kind, store.to_owned(), aggregate.to_owned());
            assert_eq!(read, Some(request));
        }
        assert_eq!(ProjectionRequest::from_columns("of a later release", String::new(), String::new()), None);
    }
}
