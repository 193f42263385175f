use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use castore_aws::{Request, RequestError, RequestPolicy, ResourceName};
use tokio::sync::OnceCell;

/// The URL of a queue: given, or looked up when it is first needed.
///
/// A `&str` or a `String` is a given URL. Clones share the URL that was looked up.
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

    /// This URL.
    pub fn given(url: impl Into<String>) -> Self {
        Self(Source::Url(ResourceName::given(url)))
    }

    /// The URL of the queue with this name. SQS is asked for it (`sqs:GetQueueUrl`).
    pub fn named(queue_name: impl Into<String>) -> Self {
        Self::of_name(queue_name.into(), None)
    }

    /// As [`named`](Self::named), for a queue of another account.
    pub fn named_of_account(queue_name: impl Into<String>, account_id: impl Into<String>) -> Self {
        Self::of_name(queue_name.into(), Some(account_id.into()))
    }

    /// The URL that a function returns, for example from a parameter store. After a failure it is called again when the URL
    /// is next needed.
    pub fn resolved_by<F, Fut, E>(resolve: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Source::Url(ResourceName::resolved_by(resolve)))
    }

    /// Returns the URL, and looks it up if that did not succeed before.
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

/// Whether a queue keeps order and drops duplicates: the names of such queues end in `.fifo`.
pub(crate) fn is_fifo(url_or_arn: &str) -> bool {
    url_or_arn.ends_with(".fifo")
}

/// The URL of a queue could not be looked up, or is that of another kind of queue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueUrlError {
    /// SQS did not return the URL of a name.
    #[error("the URL of queue {queue_name} could not be looked up")]
    Request {
        /// The name.
        queue_name: String,
        /// Why.
        source: RequestError,
    },
    /// SQS answered without a URL.
    #[error("SQS returned no URL for queue {queue_name}")]
    NoUrl {
        /// The name.
        queue_name: String,
    },
    /// The function of [`QueueUrl::resolved_by`] failed.
    #[error("the URL of the queue could not be resolved")]
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
