//! Tests of the setup of queues with the emulator.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use castore_core::consumer::{ConsumerSetup, ResourceChange, RetryPolicy};
use castore_core::error::error_chain;
use castore_sqs::{QueueUrl, RuleTarget, SqsConsumerSetup, SqsWorker, SqsWorkerBuilder};
use serde_json::json;

use crate::canned::{Canned, error, ok};
use crate::domain::{AppQueue, appeared, quick};
use crate::support::{Calls, client_of_new_account};

const RULE: &str = "arn:aws:events:us-east-1:123456789012:rule/app-bus/mails";

fn worker(client: &Client, queue: &str) -> SqsWorkerBuilder<AppQueue> {
    SqsWorker::builder(client.clone(), QueueUrl::named(queue), &AppQueue::new(), async |_, _| Ok(()))
}

/// Returns a worker with a dead-letter queue.
fn with_dead_letters(client: &Client, ending: &str) -> SqsWorkerBuilder<AppQueue> {
    worker(client, &format!("mails{ending}")).dead_letter_queue_url(QueueUrl::named(format!("dead{ending}")))
}

async fn attributes(client: &Client, queue: &str) -> Option<HashMap<QueueAttributeName, String>> {
    let url = client.get_queue_url().queue_name(queue).send().await.ok()?.queue_url?;
    let request = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    request.send().await.unwrap().attributes
}

async fn create(client: &Client, queue: &str, redrive: Option<(&str, u32)>) {
    let mut request = client.create_queue().queue_name(queue);
    if let Some((dead_letters, count)) = redrive {
        let arn = &attributes(client, dead_letters).await.unwrap()[&QueueAttributeName::QueueArn];
        let policy = serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": count });
        request = request.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
    }
    request.send().await.unwrap();
}

async fn changes(setup: &SqsConsumerSetup) -> Vec<ResourceChange> {
    setup.plan().await.unwrap().iter().map(|resource| resource.change).collect()
}

async fn refusal(setup: &SqsConsumerSetup) -> String {
    let planned = error_chain(&setup.plan().await.unwrap_err());
    assert_eq!(error_chain(&setup.apply().await.unwrap_err()), planned);
    planned
}

#[tokio::test]
async fn missing_queues_are_created_once() {
    let client = client_of_new_account();
    for ending in ["", ".fifo"] {
        let worker = with_dead_letters(&client, ending).visibility_timeout(Duration::from_secs(45));
        let setup = worker.setup().unwrap().retention(Duration::from_secs(3_600));
        let planned = setup.plan().await.unwrap();
        let names: Vec<_> = planned.iter().map(|resource| &*resource.name).collect();
        let (queue, dead) = (format!("mails{ending}"), format!("dead{ending}"));
        assert_eq!(names, [format!("queue {dead}"), format!("queue {queue}")]);
        assert_eq!(changes(&setup).await, [ResourceChange::Create; 2], "a plan changes nothing");
        assert!(attributes(&client, &queue).await.is_none() && attributes(&client, &dead).await.is_none());

        assert_eq!(setup.apply().await.unwrap(), planned);
        let found = attributes(&client, &queue).await.unwrap();
        assert_eq!(found[&QueueAttributeName::VisibilityTimeout], "45");
        assert_eq!(found[&QueueAttributeName::MessageRetentionPeriod], "3600");
        let redrive: serde_json::Value = serde_json::from_str(&found[&QueueAttributeName::RedrivePolicy]).unwrap();
        let found_dead = attributes(&client, &dead).await.unwrap();
        assert_eq!(redrive["deadLetterTargetArn"], *found_dead[&QueueAttributeName::QueueArn]);
        assert_eq!(redrive["maxReceiveCount"].to_string().trim_matches('"'), "1000");
        assert_eq!(found_dead[&QueueAttributeName::MessageRetentionPeriod], "1209600");

        assert_eq!(changes(&setup).await, [ResourceChange::Unchanged; 2]);
        let again = setup.update_existing();
        assert!(again.apply().await.unwrap().iter().all(|resource| resource.change == ResourceChange::Unchanged));
        assert_eq!(attributes(&client, &queue).await.unwrap(), found, "a second call changes nothing");
    }
}

#[tokio::test]
async fn worker_runs_on_the_queues_of_its_setup() {
    let (client, calls) = (client_of_new_account(), Calls::default());
    let noted = calls.clone();
    let worker = || {
        let noted = noted.clone();
        let handler = move |message: castore_core::consumer::ReceivedMessage<crate::domain::AppQueueMessage>, _| {
            noted.note(crate::domain::key(&message), 1);
            async { Ok(()) }
        };
        quick(SqsWorker::builder(client.clone(), QueueUrl::named("mails"), &AppQueue::new(), handler))
    };
    assert_eq!(worker().setup().unwrap().apply().await.unwrap().len(), 1, "without a dead-letter queue");
    let running = worker().start().unwrap();
    let adapter = castore_sqs::SqsMessageQueueAdapter::<AppQueue>::new(client.clone(), QueueUrl::named("mails"));
    castore_core::channel::MessageChannelAdapter::publish_message(&adapter, appeared("a", 1), crate::domain::LIVE)
        .await
        .unwrap();
    calls.until(1).await;
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn existing_queues_change_only_with_the_option() {
    let client = client_of_new_account();
    create(&client, "dead", None).await;
    create(&client, "mails", None).await;
    let before = attributes(&client, "mails").await.unwrap();
    let setup = || with_dead_letters(&client, "").visibility_timeout(Duration::from_secs(45)).setup().unwrap();
    assert_eq!(changes(&setup()).await, [ResourceChange::Unchanged; 2], "the worker can use the queues");
    setup().apply().await.unwrap();
    assert_eq!(attributes(&client, "mails").await.unwrap(), before);

    let updating = setup().update_existing().max_receive_count(20);
    assert_eq!(changes(&updating).await, [ResourceChange::Update; 2]);
    assert_eq!(attributes(&client, "mails").await.unwrap(), before, "a plan changes nothing");
    let applied = updating.apply().await.unwrap();
    assert!(applied.iter().all(|resource| resource.change == ResourceChange::Update), "{applied:?}");
    assert_eq!(changes(&updating).await, [ResourceChange::Unchanged; 2]);
    let after = attributes(&client, "mails").await.unwrap();
    assert_eq!(after[&QueueAttributeName::VisibilityTimeout], "45");
    assert!(after[&QueueAttributeName::RedrivePolicy].contains("20"));
}

#[tokio::test]
async fn unusable_redrive_policies_are_refused() {
    let client = client_of_new_account();
    for queue in ["dead", "other"] {
        create(&client, queue, None).await;
    }
    create(&client, "mails", Some(("dead", 3))).await;
    let setup = || with_dead_letters(&client, "").setup().unwrap();
    let refused = refusal(&setup()).await;
    assert!(
        refused.contains("queue mails exists with maxReceiveCount 3, but the worker needs at least 4"),
        "{refused}"
    );
    let few = with_dead_letters(&client, "").retry_policy(RetryPolicy::immediately(1)).setup().unwrap();
    assert_eq!(changes(&few).await, [ResourceChange::Unchanged; 2], "3 deliveries are enough for 2 attempts");
    let other = worker(&client, "mails").dead_letter_queue_url(QueueUrl::named("other")).setup().unwrap();
    let refused = refusal(&other).await;
    assert!(refused.contains("exists with the dead-letter queue dead, but the worker needs other"), "{refused}");
    let without = worker(&client, "mails").setup().unwrap();
    assert!(refusal(&without).await.contains("maxReceiveCount 3"));

    let updating = setup().update_existing();
    updating.apply().await.unwrap();
    assert_eq!(changes(&setup()).await, [ResourceChange::Unchanged; 2]);
}

#[tokio::test]
async fn queues_that_cannot_be_created_and_invalid_options_are_refused() {
    let client = client_of_new_account();
    let url = "http://localhost/123456789012/missing";
    let given = SqsWorker::builder(client.clone(), url, &AppQueue::new(), async |_, _| Ok(())).setup().unwrap();
    assert!(refusal(&given).await.contains("missing does not exist; to create it, use `QueueUrl::named`"));
    let mixed = worker(&client, "mails").dead_letter_queue_url(QueueUrl::named("dead.fifo")).setup().unwrap();
    assert!(refusal(&mixed).await.contains("must both be FIFO queues or standard queues"));
    let setup = || with_dead_letters(&client, "").setup().unwrap();
    assert!(refusal(&setup().retention(Duration::from_secs(1))).await.contains("`retention`"));
    assert!(refusal(&setup().max_receive_count(3)).await.contains("number of attempts, which is 3"));
    let without = worker(&client, "mails").setup().unwrap();
    assert!(refusal(&without.max_receive_count(20)).await.contains("needs a dead-letter queue"));
    assert!(with_dead_letters(&client, "").concurrency(0).setup().is_err());
    assert!(attributes(&client, "mails").await.is_none(), "nothing was created");
}

#[tokio::test]
async fn new_queue_that_is_not_visible_is_waited_for() {
    let missing = || error(400, "QueueDoesNotExist");
    let url = || ok(json!({ "QueueUrl": "http://sqs/123456789012/dead" }));
    let attributes = |queue| ok(json!({ "Attributes": { "QueueArn": format!("arn:aws:sqs:us-east-1:1:{queue}") } }));
    // `plan` looks for both queues.
    let examined = || [missing(), missing()];

    let canned = Canned::new(examined().into_iter().chain([url(), missing()]));
    let setup = with_dead_letters(&canned.client(), "").attempts(1).setup().unwrap();
    let refused = error_chain(&setup.apply().await.unwrap_err());
    assert!(refused.contains("queue dead is not found"), "{refused}");
    assert_eq!(canned.requests().len(), 4, "the queue of the worker is not created with an invalid redrive policy");

    let visible = [url(), missing(), url(), missing(), url(), attributes("dead"), url(), url(), attributes("mails")];
    let canned = Canned::new(examined().into_iter().chain(visible));
    quick(with_dead_letters(&canned.client(), "")).setup().unwrap().apply().await.unwrap();
    let requests = canned.requests();
    let operations: Vec<_> = requests.iter().map(|(operation, _)| operation.as_str()).skip(2).collect();
    let (create, find, read) = ("CreateQueue", "GetQueueUrl", "GetQueueAttributes");
    assert_eq!(operations, [create, find, find, read, find, read, create, find, read]);
    let redrive = requests[8].1["Attributes"]["RedrivePolicy"].as_str().unwrap();
    assert!(redrive.contains(r#""deadLetterTargetArn":"arn:aws:sqs:us-east-1:1:dead""#), "{redrive}");
}

#[tokio::test]
async fn permission_of_a_rule_is_added_to_the_policy() {
    let client = client_of_new_account();
    let setup = worker(&client, "mails").setup().unwrap();
    assert_eq!((setup.arn().await.unwrap(), setup.new_name()), (None, Some("mails")));
    let refused = error_chain(&setup.permits(RULE).await.unwrap_err());
    assert!(refused.contains("queue mails is not found"), "{refused}");
    setup.apply().await.unwrap();
    assert!(setup.arn().await.unwrap().unwrap().ends_with(":mails"));
    assert!(!setup.permits(RULE).await.unwrap());
    setup.permit(RULE).await.unwrap();
    let other = "arn:aws:events:us-east-1:123456789012:rule/app-bus/other";
    assert!(setup.permits(RULE).await.unwrap() && !setup.permits(other).await.unwrap());
    setup.permit(other).await.unwrap();
    assert!(setup.permits(RULE).await.unwrap() && setup.permits(other).await.unwrap());
}

#[tokio::test]
async fn policies_of_other_queues_and_denied_rules_are_not_permitted() {
    let client = client_of_new_account();
    let setup = |name| worker(&client, name).setup().unwrap();
    for name in ["mails", "copy"] {
        setup(name).apply().await.unwrap();
    }
    let set_policy = async |name: &str, policy: String| {
        let url = client.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap();
        let request = client.set_queue_attributes().queue_url(url);
        request.attributes(QueueAttributeName::Policy, policy).send().await.unwrap();
    };
    setup("mails").permit(RULE).await.unwrap();
    let policy = attributes(&client, "mails").await.unwrap().remove(&QueueAttributeName::Policy).unwrap();
    set_policy("copy", policy.clone()).await;
    assert!(!setup("copy").permits(RULE).await.unwrap(), "the policy names the other queue");

    let mut policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let denied = json!({ "Sid": "OnlyMyAccount", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
        "Condition": { "StringNotEquals": { "aws:PrincipalAccount": "123456789012" } } });
    policy["Statement"].as_array_mut().unwrap().push(denied);
    set_policy("mails", policy.to_string()).await;
    let refused = error_chain(&setup("mails").permits(RULE).await.unwrap_err());
    assert!(refused.contains("statement OnlyMyAccount of the access policy of queue mails may deny rule"), "{refused}");
    let advice = format!("{RULE} to send events; change the statement so that it does not apply to the rule");
    assert!(refused.contains(&advice), "{refused}");
}
