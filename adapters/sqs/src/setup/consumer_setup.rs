use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use castore_aws::{RequestPolicy, RuleTarget};
use castore_core::consumer::{ConsumerResource, ConsumerSetup, ConsumerSetupError, ResourceChange, RetryPolicy};
use castore_core::error::InvalidOptionError;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::access::Permission;
use super::queue::{FoundQueue, QueueAccess, Setting};
use super::redrive::{HIGHEST_RECEIVE_COUNT, ReceiveCounts, RedrivePolicy};
use super::{SqsSetupError, access};
use crate::QueueUrl;

/// The longest retention of SQS, which new dead-letter queues have.
const LONGEST_RETENTION: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// The setup of the queues that an [`SqsWorker`](crate::SqsWorker) needs: its queue and its dead-letter queue. It
/// creates them without starting the worker. Returned by [`SqsWorkerBuilder::setup`](crate::SqsWorkerBuilder::setup).
///
/// ```no_run
/// # use castore_core::channel::MessageQueue;
/// # use castore_core::consumer::{ConsumerSetup, Listeners};
/// # use castore_sqs::{QueueUrl, SqsWorker};
/// # async fn example<C>(
/// #     app_queue: &C, client: aws_sdk_sqs::Client, listeners: Listeners<C>,
/// # ) -> Result<(), Box<dyn std::error::Error>>
/// # where C: MessageQueue, C::Message: serde::de::DeserializeOwned {
/// let worker = SqsWorker::builder_with_listeners(client, QueueUrl::named("app-queue"), app_queue, listeners)
///     .dead_letter_queue_url(QueueUrl::named("app-queue-dead-letters"));
/// for resource in worker.setup()?.apply().await? {
///     println!("{}: {}", resource.name, resource.change);
/// }
/// worker.start()?;
/// # Ok(())
/// # }
/// ```
///
/// A queue can be created only if it is given by its [name](QueueUrl::named). A queue whose name ends with `.fifo` is
/// created as a FIFO queue. A new queue has these settings:
///
/// | setting | queue of the worker | dead-letter queue |
/// |---|---|---|
/// | `VisibilityTimeout` | `visibility_timeout` of the worker | as SQS sets it |
/// | `MessageRetentionPeriod` | [`retention`](Self::retention), if set | 14 days |
/// | `RedrivePolicy` | the dead-letter queue, with [`max_receive_count`](Self::max_receive_count) | none |
///
/// The worker itself moves dead letters to the dead-letter queue. The redrive policy only moves messages that were
/// delivered too often, for example because each delivery ended the process of the worker. SQS moves these messages
/// without a log of the worker and without a call of its hook for dead letters.
///
/// SQS counts each delivery, but not each delivery is an attempt of the worker: see
/// [`max_receive_count`](Self::max_receive_count). With too low a count, SQS therefore also moves messages without an
/// error.
///
/// # Existing queues
/// By default, existing queues are not changed. If the worker cannot use the redrive policy of its queue, `plan` and
/// `apply` return an error: if the policy names another dead-letter queue, or if its `maxReceiveCount` is too low for
/// the attempts of the worker. Other differences do not matter to the worker. To change the settings of existing queues
/// to those of the table, use [`update_existing`](Self::update_existing).
///
/// # Queues behind EventBridge
/// For a queue that is the target of an EventBridge rule, pass this setup to the method `setup` of a `Rule` of
/// `castore-event-bridge`, which also creates the rule and adds its permission to the queue. If several setups add
/// permissions to the same queue at the same time, a permission may be lost: apply the setup again. If a `Deny`
/// statement of the queue's policy may apply to the rule, the setup returns an error that names the statement.
pub struct SqsConsumerSetup {
    queue: QueueAccess,
    dead_letters: Option<QueueAccess>,
    visibility_timeout: Duration,
    /// The number of attempts of the worker's retry policy.
    attempts: u32,
    retention: Option<Duration>,
    max_receive_count: Option<u32>,
    update_existing: bool,
}

/// The queues with the changes that must be made.
struct Examined {
    dead_letters: Option<Examination>,
    queue: Examination,
}

struct Examination {
    found: FoundQueue,
    change: ResourceChange,
}

impl Examination {
    fn resource(&self) -> ConsumerResource {
        self.found.resource(self.change)
    }
}

impl SqsConsumerSetup {
    pub(crate) fn new(
        (client, policy): (Client, RequestPolicy),
        (queue_url, dead_letter_queue_url): (QueueUrl, Option<QueueUrl>),
        visibility_timeout: Duration,
        retry_policy: RetryPolicy,
    ) -> Self {
        let access = |queue_url| QueueAccess { client: client.clone(), policy: policy.clone(), queue_url };
        Self {
            queue: access(queue_url),
            dead_letters: dead_letter_queue_url.map(access),
            visibility_timeout,
            attempts: retry_policy.attempts().saturating_add(1),
            retention: None,
            max_receive_count: None,
            update_existing: false,
        }
    }

    /// Sets how long the queue of the worker keeps messages: between 1 minute and 14 days. By default, a new queue has
    /// the default of SQS (4 days).
    #[must_use = "the method returns the configured setup"]
    pub fn retention(self, retention: Duration) -> Self {
        Self { retention: Some(retention), ..self }
    }

    /// Sets the `maxReceiveCount` of the redrive policy: the number of deliveries after which SQS moves a message to
    /// the dead-letter queue. It must be higher than the number of attempts of the worker, and at most 1000. Defaults
    /// to 1000. Needs a dead-letter queue.
    ///
    /// SQS also counts deliveries that the worker does not count as attempts:
    ///
    /// * If the [claim check](crate::SqsWorkerBuilder::claim_check) is unavailable, the worker returns large messages
    ///   to the queue. They are delivered again after the first delay of the retry policy, which is 30 seconds by
    ///   default, but at least after 1 second. With the default count, messages stay in the queue for an outage of 8
    ///   hours (with [`RetryPolicy::immediately`], of 16 minutes). With a count of 13, they would stay for 6 minutes
    ///   (13 seconds).
    /// * If a handler returns [`HandlerError::stop`](castore_core::consumer::HandlerError::stop), the worker stops and
    ///   returns the message to the queue, so each restart of the worker causes a delivery.
    /// * A message of a FIFO queue may only wait for an earlier message of its group.
    #[must_use = "the method returns the configured setup"]
    pub fn max_receive_count(self, count: u32) -> Self {
        Self { max_receive_count: Some(count), ..self }
    }

    /// Allows [`apply`](ConsumerSetup::apply) to change the settings of existing queues. By default, only missing
    /// queues are created. The option replaces:
    ///
    /// * the visibility timeout of the worker's queue, its retention if [`retention`](Self::retention) is set, and its
    ///   whole redrive policy: the dead-letter queue and the `maxReceiveCount`. If the worker has no dead-letter queue,
    ///   the policy keeps its dead-letter queue, and only a `maxReceiveCount` that is too low for the attempts of the
    ///   worker is replaced.
    /// * the retention of the dead-letter queue, with 14 days.
    ///
    /// All other settings of the queues are kept.
    #[must_use = "the method returns the configured setup"]
    pub fn update_existing(self) -> Self {
        Self { update_existing: true, ..self }
    }

    fn validate(&self) -> Result<(), InvalidOptionError> {
        let minute = Duration::from_secs(60);
        let is_allowed = self.retention.is_none_or(|retention| (minute..=LONGEST_RETENTION).contains(&retention));
        InvalidOptionError::check(is_allowed, "retention", "must be between 1 minute and 14 days")?;
        let Some(count) = self.max_receive_count else { return Ok(()) };
        let rule = "needs a dead-letter queue: call `dead_letter_queue_url` of the worker's builder";
        InvalidOptionError::check(self.dead_letters.is_some(), "max_receive_count", rule)?;
        let is_allowed = count > self.attempts && count <= HIGHEST_RECEIVE_COUNT;
        let rule = format!("must be higher than the number of attempts, which is {}, and at most 1000", self.attempts);
        InvalidOptionError::check(is_allowed, "max_receive_count", rule)
    }

    /// Finds the queues, and determines the changes. Changes nothing.
    async fn examine(&self) -> Result<Examined, SqsSetupError> {
        self.validate()?;
        let dead_letters = match &self.dead_letters {
            Some(access) => Some(access.find().await?),
            None => None,
        };
        let queue = self.queue.find().await?;
        if let Some(dead_letters) = dead_letters.as_ref().filter(|found| found.is_fifo() != queue.is_fifo()) {
            let (queue, dead_letter_queue) = (queue.name, dead_letters.name.clone());
            return Err(SqsSetupError::KindMismatch { queue, dead_letter_queue });
        }
        let redrive = self.redrive(&queue, dead_letters.as_ref())?;
        let queue = self.examination(queue, &self.settings(redrive))?;
        let dead_letters = match dead_letters {
            Some(found) => Some(self.examination(found, &settings_of_dead_letters())?),
            None => None,
        };
        Ok(Examined { dead_letters, queue })
    }

    fn examination(&self, found: FoundQueue, settings: &[Setting]) -> Result<Examination, SqsSetupError> {
        let change = match &found.existing {
            None => ResourceChange::Create,
            Some(_) if self.update_existing && !has_settings(&found, settings)? => ResourceChange::Update,
            Some(_) => ResourceChange::Unchanged,
        };
        Ok(Examination { found, change })
    }

    /// Returns the redrive policy that the queue should have. If the dead-letter queue does not exist yet, the policy
    /// contains only its name.
    ///
    /// # Errors
    /// [`SqsSetupError::Mismatch`] if the worker cannot use the existing policy and it must not be changed.
    fn redrive(
        &self,
        queue: &FoundQueue,
        dead_letters: Option<&FoundQueue>,
    ) -> Result<Option<RedrivePolicy>, SqsSetupError> {
        let counts = ReceiveCounts::new(self.attempts, queue.is_fifo(), dead_letters.is_some(), self.max_receive_count);
        let wanted = match dead_letters {
            Some(found) => Some(RedrivePolicy::new(found.arn()?.unwrap_or(found.name.clone()), counts.wanted)),
            None => None,
        };
        let Some(existing) = redrive_of(queue)? else { return Ok(wanted) };
        let is_other = wanted.as_ref().filter(|wanted| wanted.dead_letter_queue() != existing.dead_letter_queue());
        let mismatch =
            |setting, found, needed| SqsSetupError::Mismatch { queue: queue.name.clone(), setting, found, needed };
        if let (Some(wanted), false) = (is_other, self.update_existing) {
            let (found, needed) = (existing.dead_letter_queue().to_owned(), wanted.dead_letter_queue().to_owned());
            return Err(mismatch("the dead-letter queue", found, needed));
        }
        let is_too_low = existing.max_receive_count < counts.lowest;
        if is_too_low && !self.update_existing {
            let (found, needed) = (existing.max_receive_count.to_string(), format!("at least {}", counts.lowest));
            return Err(mismatch("maxReceiveCount", found, needed));
        }
        // Without a dead-letter queue of the worker, the queue keeps its own, which receives the dead letters of the
        // worker.
        Ok(wanted.or_else(|| is_too_low.then(|| existing.with_max_receive_count(counts.wanted))))
    }

    fn settings(&self, redrive: Option<RedrivePolicy>) -> Vec<Setting> {
        let visibility_timeout = whole_seconds(self.visibility_timeout);
        let mut settings = vec![(QueueAttributeName::VisibilityTimeout, visibility_timeout)];
        settings.extend(
            self.retention.map(|retention| (QueueAttributeName::MessageRetentionPeriod, whole_seconds(retention))),
        );
        settings.extend(redrive.map(|redrive| (QueueAttributeName::RedrivePolicy, redrive.to_json())));
        settings
    }

    async fn changed(
        access: &QueueAccess,
        examination: Examination,
        settings: &[Setting],
    ) -> Result<FoundQueue, SqsSetupError> {
        match examination.change {
            ResourceChange::Create => return access.create(settings).await,
            ResourceChange::Update => access.update(&examination.found, settings).await?,
            _ => {}
        }
        Ok(examination.found)
    }

    async fn make_changes(&self) -> Result<Vec<ConsumerResource>, SqsSetupError> {
        let Examined { dead_letters, queue } = self.examine().await?;
        let mut resources = Vec::with_capacity(2);
        // The redrive policy contains the ARN of the dead-letter queue, so that queue is created first.
        let dead_letters = match (&self.dead_letters, dead_letters) {
            (Some(access), Some(examination)) => {
                resources.push(examination.resource());
                Some(Self::changed(access, examination, &settings_of_dead_letters()).await?)
            }
            _ => None,
        };
        resources.push(queue.resource());
        let redrive = self.redrive(&queue.found, dead_letters.as_ref())?;
        Self::changed(&self.queue, queue, &self.settings(redrive)).await?;
        Ok(resources)
    }

    async fn find_existing(&self) -> Result<FoundQueue, SqsSetupError> {
        let found = self.queue.find().await?;
        match found.existing {
            Some(_) => Ok(found),
            None => Err(SqsSetupError::NotFound { queue: found.name }),
        }
    }

    async fn is_permitted(&self, rule_arn: &str) -> Result<bool, SqsSetupError> {
        let queue = self.find_existing().await?;
        let (Some(arn), Some(policy)) = (queue.arn()?, policy_of(&queue)?) else { return Ok(false) };
        match access::permission(&policy, &arn, rule_arn) {
            Permission::Permitted => Ok(true),
            Permission::Missing => Ok(false),
            Permission::Denied { statement } => {
                Err(SqsSetupError::Denied { queue: queue.name, statement, rule: rule_arn.to_owned() })
            }
        }
    }

    async fn add_permission(&self, rule_arn: &str) -> Result<(), SqsSetupError> {
        let queue = self.find_existing().await?;
        let arn = queue.arn()?.unwrap_or_default();
        let policy = access::allowing(policy_of(&queue)?, &arn, rule_arn);
        self.queue.update(&queue, &[(QueueAttributeName::Policy, policy.to_string())]).await
    }
}

fn settings_of_dead_letters() -> Vec<Setting> {
    vec![(QueueAttributeName::MessageRetentionPeriod, whole_seconds(LONGEST_RETENTION))]
}

/// Returns whether an existing queue has all of these settings.
fn has_settings(queue: &FoundQueue, settings: &[Setting]) -> Result<bool, SqsSetupError> {
    for (name, value) in settings {
        let is_equal = match name {
            QueueAttributeName::RedrivePolicy => {
                let wanted = serde_json::from_str(value).map_err(|source| invalid(queue, "RedrivePolicy", source))?;
                redrive_of(queue)?.is_some_and(|existing| existing.is_like(&wanted))
            }
            name => queue.attribute(name) == Some(value.as_str()),
        };
        if !is_equal {
            return Ok(false);
        }
    }
    Ok(true)
}

fn redrive_of(queue: &FoundQueue) -> Result<Option<RedrivePolicy>, SqsSetupError> {
    parsed(queue, &QueueAttributeName::RedrivePolicy, "RedrivePolicy")
}

fn policy_of(queue: &FoundQueue) -> Result<Option<Value>, SqsSetupError> {
    parsed(queue, &QueueAttributeName::Policy, "Policy")
}

fn parsed<T: DeserializeOwned>(
    queue: &FoundQueue,
    attribute: &QueueAttributeName,
    name: &'static str,
) -> Result<Option<T>, SqsSetupError> {
    let text = queue.attribute(attribute).filter(|text| !text.is_empty());
    text.map(serde_json::from_str).transpose().map_err(|source| invalid(queue, name, source))
}

fn invalid(queue: &FoundQueue, attribute: &'static str, source: serde_json::Error) -> SqsSetupError {
    SqsSetupError::InvalidAttribute { queue: queue.name.clone(), attribute, source }
}

/// Rounds up to whole seconds.
fn whole_seconds(time: Duration) -> String {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).to_string()
}

#[async_trait]
impl ConsumerSetup for SqsConsumerSetup {
    async fn plan(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        let Examined { dead_letters, queue } = self.examine().await.map_err(ConsumerSetupError::new)?;
        Ok(dead_letters.iter().chain([&queue]).map(Examination::resource).collect())
    }

    async fn apply(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        self.make_changes().await.map_err(ConsumerSetupError::new)
    }
}

#[async_trait]
impl RuleTarget for SqsConsumerSetup {
    async fn arn(&self) -> Result<Option<String>, ConsumerSetupError> {
        let found = self.queue.find().await.map_err(ConsumerSetupError::new)?;
        found.arn().map_err(ConsumerSetupError::new)
    }

    fn new_name(&self) -> Option<&str> {
        self.queue.queue_url.new_queue_name()
    }

    async fn permits(&self, rule_arn: &str) -> Result<bool, ConsumerSetupError> {
        self.is_permitted(rule_arn).await.map_err(ConsumerSetupError::new)
    }

    async fn permit(&self, rule_arn: &str) -> Result<(), ConsumerSetupError> {
        self.add_permission(rule_arn).await.map_err(ConsumerSetupError::new)
    }
}

impl fmt::Debug for SqsConsumerSetup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqsConsumerSetup")
            .field("queue_url", &self.queue.queue_url)
            .field("dead_letter_queue_url", &self.dead_letters.as_ref().map(|access| &access.queue_url))
            .field("visibility_timeout", &self.visibility_timeout)
            .field("retention", &self.retention)
            .field("max_receive_count", &self.max_receive_count)
            .field("update_existing", &self.update_existing)
            .finish_non_exhaustive()
    }
}
