use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use castore_aws::{Request, RequestError, RequestPolicy};
use castore_core::future::BoxFuture;
use tokio::sync::OnceCell;

/// The URL of a queue: given, or found out when it is needed first, and kept then.
///
/// A `&str` or `String` is a URL that is given.
#[derive(Clone)]
pub struct QueueUrl(Arc<Source>);

struct Source {
    kind: Kind,
    found: OnceCell<String>,
}

type Resolve = dyn Fn() -> BoxFuture<'static, Result<String, Box<dyn Error + Send + Sync>>> + Send + Sync;

enum Kind {
    Given(String),
    Named { name: String, owner: Option<String> },
    Resolved(Box<Resolve>),
}

impl QueueUrl {
    fn new(kind: Kind) -> Self {
        Self(Arc::new(Source { kind, found: OnceCell::new() }))
    }

    /// This URL.
    pub fn given(url: impl Into<String>) -> Self {
        Self::new(Kind::Given(url.into()))
    }

    /// The URL of the queue with this name, which SQS is asked for (`sqs:GetQueueUrl`).
    pub fn named(queue_name: impl Into<String>) -> Self {
        Self::new(Kind::Named { name: queue_name.into(), owner: None })
    }

    /// As [`named`](Self::named), for a queue of another account.
    pub fn named_of_account(queue_name: impl Into<String>, account_id: impl Into<String>) -> Self {
        Self::new(Kind::Named { name: queue_name.into(), owner: Some(account_id.into()) })
    }

    /// The URL that a function finds out, from a parameter store for example. After a failure it is called again when
    /// the URL is needed next.
    pub fn resolved_by<F, Fut, E>(resolve: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::new(Kind::Resolved(Box::new(move || {
            let url = resolve();
            Box::pin(async move { url.await.map_err(Into::into) })
        })))
    }

    /// The URL.
    pub(crate) async fn get(&self, client: &Client, policy: &RequestPolicy) -> Result<&str, QueueUrlError> {
        match &self.0.kind {
            Kind::Given(url) => Ok(url),
            Kind::Named { name, owner } => {
                let found = self.0.found.get_or_try_init(|| async {
                    let answer = Request::new("SQS", "GetQueueUrl", policy)
                        .send(|| {
                            let request = client.get_queue_url().queue_name(name);
                            request.set_queue_owner_aws_account_id(owner.clone()).send()
                        })
                        .await
                        .map_err(|error| QueueUrlError::Request { queue_name: name.clone(), source: error })?;
                    answer.queue_url.ok_or_else(|| QueueUrlError::NoUrl { queue_name: name.clone() })
                });
                found.await.map(String::as_str)
            }
            Kind::Resolved(resolve) => {
                let found = self.0.found.get_or_try_init(|| async { resolve().await.map_err(QueueUrlError::Resolve) });
                found.await.map(String::as_str)
            }
        }
    }

    /// What is known of it without asking.
    fn shown(&self) -> &str {
        match &self.0.kind {
            Kind::Given(url) => url,
            Kind::Named { name, .. } => name,
            Kind::Resolved(_) => self.0.found.get().map_or("not known yet", String::as_str),
        }
    }
}

/// Whether a queue keeps order and drops duplicates: SQS demands this ending of their names.
pub(crate) fn is_fifo(url_or_arn: &str) -> bool {
    url_or_arn.ends_with(".fifo")
}

/// The URL of a queue could not be found out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueUrlError {
    /// SQS did not tell the URL of a name.
    #[error("the URL of queue {queue_name} could not be found out: {source}")]
    Request {
        /// The name.
        queue_name: String,
        /// Why.
        source: RequestError,
    },
    /// SQS answered without a URL.
    #[error("SQS told no URL for queue {queue_name}")]
    NoUrl {
        /// The name.
        queue_name: String,
    },
    /// The function of [`QueueUrl::resolved_by`] failed.
    #[error("the URL of the queue could not be found out: {0}")]
    Resolve(#[source] Box<dyn Error + Send + Sync>),
    /// The queue is a FIFO queue, and the adapter is for standard queues, or the reverse.
    #[error("{queue_url} is {is}; use {adapter} for it")]
    WrongKind {
        /// The queue.
        queue_url: String,
        /// What it is.
        is: &'static str,
        /// The adapter for such queues.
        adapter: &'static str,
    },
}

impl From<&str> for QueueUrl {
    fn from(url: &str) -> Self {
        Self::given(url)
    }
}

impl From<String> for QueueUrl {
    fn from(url: String) -> Self {
        Self::given(url)
    }
}

impl From<&String> for QueueUrl {
    fn from(url: &String) -> Self {
        Self::given(url)
    }
}

impl fmt::Debug for QueueUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("QueueUrl").field(&self.shown()).finish()
    }
}
