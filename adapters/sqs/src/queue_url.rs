use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use castore_aws::{Request, RequestError, RequestPolicy, ResourceName};
use tokio::sync::OnceCell;

/// The URL of a queue. The URL is either known, or looked up when it is first needed.
///
/// A `&str` or a `String` can be converted into a `QueueUrl` with a known URL. Clones share the URL that was looked up.
#[derive(Clone)]
pub struct QueueUrl(Source);

#[derive(Clone)]
enum Source {
    Url(ResourceName),
    Named(Arc<NamedQueue>),
}

struct NamedQueue {
    name: String,
    owner: Option<String>,
    found: OnceCell<String>,
}

impl QueueUrl {
    fn of_name(name: String, owner: Option<String>) -> Self {
        Self(Source::Named(Arc::new(NamedQueue { name, owner, found: OnceCell::new() })))
    }

    /// Creates a `QueueUrl` with a known URL.
    pub fn given(url: impl Into<String>) -> Self {
        Self(Source::Url(ResourceName::given(url)))
    }

    /// Creates a `QueueUrl` that is looked up by the name of the queue. The lookup needs the permission
    /// `sqs:GetQueueUrl`.
    pub fn named(queue_name: impl Into<String>) -> Self {
        Self::of_name(queue_name.into(), None)
    }

    /// Creates a `QueueUrl` that is looked up like [`named`](Self::named), for a queue of another AWS account.
    pub fn named_of_account(queue_name: impl Into<String>, account_id: impl Into<String>) -> Self {
        Self::of_name(queue_name.into(), Some(account_id.into()))
    }

    /// Creates a `QueueUrl` that the given function resolves, for example by reading a parameter store. The function is
    /// called when the URL is first needed. If the function fails, it is called again when the URL is next needed.
    pub fn resolved_by<F, Fut, E>(resolve: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Source::Url(ResourceName::resolved_by(resolve)))
    }

    /// Returns the URL of a queue if it exists. A queue with a known URL may still not exist. Unlike
    /// [`get`](Self::get), always looks up the URL of a named queue.
    pub(crate) async fn find(&self, client: &Client, policy: &RequestPolicy) -> Result<Option<String>, QueueUrlError> {
        match &self.0 {
            Source::Url(url) => Ok(Some(url.get().await.map_err(QueueUrlError::Resolve)?.to_owned())),
            Source::Named(queue) => match queue.ask(client, policy).await {
                Ok(url) => Ok(Some(url)),
                Err(QueueUrlError::Request { source, .. }) if is_missing(&source) => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    /// Returns the name with which the queue can be created, or `None` if only the URL is known, or if the queue belongs
    /// to another account.
    pub(crate) fn new_queue_name(&self) -> Option<&str> {
        match &self.0 {
            Source::Named(queue) if queue.owner.is_none() => Some(&queue.name),
            _ => None,
        }
    }

    /// Returns the name of the queue: the given name, or the last part of the URL.
    pub(crate) fn queue_name(&self, url: Option<&str>) -> String {
        match &self.0 {
            Source::Named(queue) => queue.name.clone(),
            Source::Url(_) => url.and_then(|url| url.rsplit('/').next()).unwrap_or_default().to_owned(),
        }
    }

    /// Returns the URL. Looks up the URL unless a previous lookup has succeeded.
    pub(crate) async fn get(&self, client: &Client, policy: &RequestPolicy) -> Result<&str, QueueUrlError> {
        match &self.0 {
            Source::Url(url) => url.get().await.map_err(QueueUrlError::Resolve),
            Source::Named(queue) => queue.found.get_or_try_init(|| queue.ask(client, policy)).await.map(String::as_str),
        }
    }
}

impl NamedQueue {
    async fn ask(&self, client: &Client, policy: &RequestPolicy) -> Result<String, QueueUrlError> {
        let answer = Request::new("SQS", "GetQueueUrl", policy).send(|| {
            let request = client.get_queue_url().queue_name(&self.name);
            request.set_queue_owner_aws_account_id(self.owner.clone()).send()
        });
        let queue_name = self.name.clone();
        match answer.await {
            Ok(answer) => answer.queue_url.ok_or(QueueUrlError::NoUrl { queue_name }),
            Err(source) => Err(QueueUrlError::Request { queue_name, source }),
        }
    }
}

/// Returns whether a request failed because the queue does not exist.
pub(crate) fn is_missing(error: &RequestError) -> bool {
    error.code().is_some_and(|code| code.ends_with("NonExistentQueue") || code.ends_with("QueueDoesNotExist"))
}

/// Returns whether the URL or ARN is that of a FIFO queue. The names of all FIFO queues end with `.fifo`.
pub(crate) fn is_fifo(url_or_arn: &str) -> bool {
    url_or_arn.ends_with(".fifo")
}

/// The error returned if the URL of a queue could not be determined, or if the queue is of the wrong kind (standard or
/// FIFO).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueUrlError {
    /// The request for the URL of a queue failed.
    #[error("the URL of queue {queue_name} could not be looked up")]
    Request {
        /// The name of the queue.
        queue_name: String,
        /// The error of the request.
        source: RequestError,
    },
    /// The response of SQS contained no URL.
    #[error("SQS returned no URL for queue {queue_name}")]
    NoUrl {
        /// The name of the queue.
        queue_name: String,
    },
    /// The function of [`QueueUrl::resolved_by`] failed.
    #[error("the function that resolves the URL of the queue failed")]
    Resolve(#[source] Box<dyn Error + Send + Sync>),
    /// The adapter is for queues of the other kind. Either the queue is a FIFO queue and the adapter is for standard
    /// queues, or vice versa.
    #[error("queue {queue_url} is {is}; use {adapter} for this queue")]
    WrongKind {
        /// The URL of the queue.
        queue_url: String,
        /// The kind of the queue.
        is: &'static str,
        /// The adapter for queues of this kind.
        adapter: &'static str,
    },
}

castore_aws::from_text!(QueueUrl);

impl fmt::Debug for QueueUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = formatter.debug_tuple("QueueUrl");
        match &self.0 {
            Source::Url(url) => tuple.field(url),
            Source::Named(queue) => tuple.field(&queue.name),
        };
        tuple.finish()
    }
}
