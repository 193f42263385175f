use std::collections::HashMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use castore_aws::{Request, RequestError, RequestPolicy};
use castore_core::consumer::{ConsumerResource, ResourceChange};

use super::SqsSetupError;
use crate::QueueUrl;
use crate::queue_url::{is_fifo, is_missing};

/// A setting of a queue: an attribute and its value.
pub(super) type Setting = (QueueAttributeName, String);

/// Access to one queue.
#[derive(Debug, Clone)]
pub(super) struct QueueAccess {
    pub(super) client: Client,
    pub(super) policy: RequestPolicy,
    pub(super) queue_url: QueueUrl,
}

/// The state of a queue.
#[derive(Debug)]
pub(super) struct FoundQueue {
    pub(super) name: String,
    /// The existing queue, or `None` if it does not exist but can be created.
    pub(super) existing: Option<ExistingQueue>,
}

#[derive(Debug)]
pub(super) struct ExistingQueue {
    pub(super) url: String,
    attributes: HashMap<QueueAttributeName, String>,
}

impl QueueAccess {
    /// Looks for the queue.
    ///
    /// # Errors
    /// [`SqsSetupError::CannotCreate`] if the queue does not exist and cannot be created.
    pub(super) async fn find(&self) -> Result<FoundQueue, SqsSetupError> {
        let url = self.queue_url.find(&self.client, &self.policy).await?;
        let name = self.queue_url.queue_name(url.as_deref());
        let existing = match &url {
            Some(url) => self.existing(&name, url).await?,
            None => None,
        };
        if existing.is_none() && self.queue_url.new_queue_name().is_none() {
            return Err(SqsSetupError::CannotCreate { queue: url.unwrap_or(name) });
        }
        Ok(FoundQueue { name, existing })
    }

    async fn existing(&self, name: &str, url: &str) -> Result<Option<ExistingQueue>, SqsSetupError> {
        let response = Request::new("SQS", "GetQueueAttributes", &self.policy)
            .send(|| self.client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All).send());
        match response.await {
            Ok(response) => {
                let attributes = response.attributes.unwrap_or_default();
                Ok(Some(ExistingQueue { url: url.to_owned(), attributes }))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(name, error)),
        }
    }

    /// Creates the queue, and waits until [`find`](Self::find) returns it.
    ///
    /// # Errors
    /// [`SqsSetupError::NotFound`] if the queue is not visible after the attempts of the request policy.
    pub(super) async fn create(&self, settings: &[Setting]) -> Result<FoundQueue, SqsSetupError> {
        let Some(name) = self.queue_url.new_queue_name() else {
            return Err(SqsSetupError::CannotCreate { queue: self.queue_url.queue_name(None) });
        };
        let mut attributes: HashMap<_, _> = settings.iter().cloned().collect();
        if is_fifo(name) {
            attributes.insert(QueueAttributeName::FifoQueue, "true".to_owned());
        }
        let response = Request::new("SQS", "CreateQueue", &self.policy)
            .send(|| self.client.create_queue().queue_name(name).set_attributes(Some(attributes.clone())).send());
        response.await.map_err(|error| failed(name, error))?;
        // A new queue may not be visible immediately. All later steps look for the queue with the same requests.
        let mut attempt = 1;
        loop {
            let found = self.find().await?;
            if found.existing.is_some() {
                return Ok(found);
            }
            if attempt >= self.policy.max_attempts() {
                return Err(SqsSetupError::NotFound { queue: found.name });
            }
            tokio::time::sleep(self.policy.pause(attempt)).await;
            attempt += 1;
        }
    }

    /// Sets attributes of an existing queue.
    pub(super) async fn update(&self, queue: &FoundQueue, settings: &[Setting]) -> Result<(), SqsSetupError> {
        let Some(existing) = &queue.existing else { return Ok(()) };
        let attributes: HashMap<_, _> = settings.iter().cloned().collect();
        let response = Request::new("SQS", "SetQueueAttributes", &self.policy).send(|| {
            let request = self.client.set_queue_attributes().queue_url(&existing.url);
            request.set_attributes(Some(attributes.clone())).send()
        });
        response.await.map_err(|error| failed(&queue.name, error))?;
        Ok(())
    }
}

impl FoundQueue {
    pub(super) fn is_fifo(&self) -> bool {
        is_fifo(&self.name)
    }

    /// Returns the value of an attribute, if the queue exists and has the attribute.
    pub(super) fn attribute(&self, name: &QueueAttributeName) -> Option<&str> {
        self.existing.as_ref()?.attributes.get(name).map(String::as_str)
    }

    /// Returns the ARN of the queue, or `None` if the queue does not exist.
    pub(super) fn arn(&self) -> Result<Option<String>, SqsSetupError> {
        match (self.attribute(&QueueAttributeName::QueueArn), &self.existing) {
            (Some(arn), _) => Ok(Some(arn.to_owned())),
            (None, Some(_)) => Err(SqsSetupError::NoAttribute { queue: self.name.clone(), attribute: "QueueArn" }),
            (None, None) => Ok(None),
        }
    }

    pub(super) fn resource(&self, change: ResourceChange) -> ConsumerResource {
        ConsumerResource::new(format!("queue {}", self.name), change)
    }
}

fn failed(queue: &str, source: RequestError) -> SqsSetupError {
    SqsSetupError::Request { queue: queue.to_owned(), source }
}
