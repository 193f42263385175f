//! Tests of the setup of a consumer behind a rule, with the emulator.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_eventbridge::types::{DeadLetterConfig, RetryPolicy, RuleState, Target};
use castore::prelude::*;
use castore_core::consumer::{ChannelFilter, ConsumerSetup, ResourceChange};
use castore_core::error::error_chain;
use castore_event_bridge::{EventBridgeConsumerSetup, EventBridgeEnvelope, EventBridgeMessageBusAdapter};
use castore_event_bridge::{EventPattern, Rule};
use castore_sqs::{EnvelopeContent, QueueUrl, SqsConsumerSetup, SqsWorker};
use serde_json::json;

use crate::domain::{AppBus, Pokemon, PokemonEventType, appeared, leveled_up};
use crate::support::{self, bodies, clients_of_new_account};
use crate::tampered::Tampered;

use ResourceChange::{Create, Unchanged, Update};

fn queue(sqs: &aws_sdk_sqs::Client, queue: QueueUrl) -> SqsConsumerSetup {
    let open = |body: &str| {
        let envelope = EventBridgeEnvelope::parse(body).ok()?;
        Some(EnvelopeContent::new(envelope.detail(), envelope.is_replay()))
    };
    let listeners = Listeners::<AppBus>::new().on(Filter::all(), async |_, _| Ok(()));
    SqsWorker::builder_behind_bus(sqs.clone(), queue, &AppBus::new(), listeners, open).setup().unwrap()
}

fn rule(filter: &impl ChannelFilter<AppBus>) -> Rule {
    Rule::new("app-bus", "mails-rule", EventPattern::of_filter::<AppBus>(filter))
}

async fn changes(setup: &EventBridgeConsumerSetup) -> Vec<ResourceChange> {
    setup.plan().await.unwrap().iter().map(|resource| resource.change).collect()
}

async fn refusal(setup: &EventBridgeConsumerSetup) -> String {
    let planned = error_chain(&setup.plan().await.unwrap_err());
    assert_eq!(error_chain(&setup.apply().await.unwrap_err()), planned);
    planned
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_resources_are_created_once_and_deliver() {
    let (events, sqs) = clients_of_new_account();
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    let setup = rule(&filter).setup(&events, queue(&sqs, QueueUrl::named("mails")));
    let planned = setup.plan().await.unwrap();
    let names: Vec<_> = planned.iter().map(|resource| &*resource.name).collect();
    let rule_name = "rule mails-rule of event bus app-bus";
    let permission = format!("permission of {rule_name} to send to its target");
    let target = format!("target castore of {rule_name}");
    assert_eq!(names, ["event bus app-bus", "queue mails", rule_name, &permission, &target]);
    assert_eq!(changes(&setup).await, [Create; 5], "a plan changes nothing");
    assert!(events.describe_event_bus().name("app-bus").send().await.is_err());
    assert!(sqs.get_queue_url().queue_name("mails").send().await.is_err());

    assert_eq!(setup.apply().await.unwrap(), planned);
    assert_eq!(changes(&setup).await, [Unchanged; 5]);
    let again = setup.update_existing().apply().await.unwrap();
    assert!(again.iter().all(|resource| resource.change == Unchanged), "{again:?}");

    let app_bus = AppBus::new();
    EventBridgeMessageBusAdapter::attach_to(&app_bus, events.clone(), "app-bus");
    app_bus.publish_messages(vec![appeared("a", 1), leveled_up("a", 2)]).await.unwrap();
    let url = sqs.get_queue_url().queue_name("mails").send().await.unwrap().queue_url.unwrap();
    assert_eq!(bodies(&sqs, &url, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_rule_changes_only_with_the_option() {
    let (events, sqs) = clients_of_new_account();
    let appeared = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    rule(&appeared).setup(&events, queue(&sqs, QueueUrl::named("mails"))).apply().await.unwrap();

    let leveled_up = Filter::store::<Pokemon>().event_type(PokemonEventType::LeveledUp);
    let other = || rule(&leveled_up).setup(&events, queue(&sqs, QueueUrl::named("mails")));
    let refused = refusal(&other()).await;
    assert!(refused.contains("rule mails-rule exists with pattern") && refused.contains("LEVELED_UP"), "{refused}");
    let updating = other().update_existing();
    assert_eq!(changes(&updating).await, [Unchanged, Unchanged, Update, Unchanged, Unchanged]);
    updating.apply().await.unwrap();
    assert_eq!(changes(&other()).await, [Unchanged; 5]);

    events.disable_rule().event_bus_name("app-bus").name("mails-rule").send().await.unwrap();
    assert!(refusal(&other()).await.contains("exists with state DISABLED, but the consumer needs ENABLED"));
    updating.apply().await.unwrap();
    assert_eq!(changes(&other()).await, [Unchanged; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn update_keeps_the_other_settings() {
    let (events, sqs) = clients_of_new_account();
    let recorded = Tampered::new(|_| None);
    let setup = |filter, dead_letters: Option<&str>| {
        let rule = rule(&Filter::store::<Pokemon>().event_type(filter));
        let rule = dead_letters.into_iter().fold(rule, |rule, arn| rule.dead_letter_queue(arn));
        rule.setup(&recorded.client(&events), queue(&sqs, QueueUrl::named("mails"))).update_existing()
    };
    setup(PokemonEventType::Appeared, None).apply().await.unwrap();
    let pattern = recorded.seen("PutRule")[0]["EventPattern"].as_str().unwrap().to_owned();
    let role = "arn:aws:iam::123456789012:role/events";
    let by_hand = events.put_rule().event_bus_name("app-bus").name("mails-rule").event_pattern(pattern);
    let by_hand = by_hand.state(RuleState::Disabled).description("mails").role_arn(role);
    by_hand.schedule_expression("rate(1 day)").send().await.unwrap();
    let arn = recorded.seen("PutTargets")[0]["Targets"][0]["Arn"].as_str().unwrap().to_owned();
    let (_, dead) = support::queue(&sqs, "dead", 30).await;
    let target = Target::builder().id("castore").arn(&arn).role_arn(role).input_path("$.detail");
    let target = target.retry_policy(RetryPolicy::builder().maximum_retry_attempts(7).build());
    let target = target.dead_letter_config(DeadLetterConfig::builder().arn(&dead).build()).build().unwrap();
    events.put_targets().event_bus_name("app-bus").rule("mails-rule").targets(target).send().await.unwrap();

    // The target is replaced because of its input path, and then because of its dead-letter queue.
    let (_, other) = support::queue(&sqs, "other", 30).await;
    let attempts = [(PokemonEventType::Appeared, None), (PokemonEventType::LeveledUp, Some(&*other))];
    for (event_type, dead_letters) in attempts {
        setup(event_type, dead_letters).apply().await.unwrap();
        let rule = recorded.seen("PutRule").pop().unwrap();
        assert_eq!((&rule["State"], &rule["Description"]), (&json!("ENABLED"), &json!("mails")));
        assert_eq!((&rule["RoleArn"], &rule["ScheduleExpression"]), (&json!(role), &json!("rate(1 day)")));
        let expected = json!([{ "Id": "castore", "Arn": arn, "RoleArn": role,
            "RetryPolicy": { "MaximumRetryAttempts": 7 },
            "DeadLetterConfig": { "Arn": dead_letters.unwrap_or(&dead) } }]);
        assert_eq!(recorded.seen("PutTargets").pop().unwrap()["Targets"], expected);
    }
    assert_eq!((recorded.seen("PutRule").len(), recorded.seen("PutTargets").len()), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn event_bus_that_was_created_in_the_meantime_is_used() {
    let (events, sqs) = clients_of_new_account();
    events.create_event_bus().name("app-bus").send().await.unwrap();
    let is_first = AtomicBool::new(true);
    let late = Tampered::new(move |operation| {
        let is_missing = operation == "DescribeEventBus" && is_first.swap(false, Ordering::Relaxed);
        is_missing.then_some("ResourceNotFoundException")
    });
    let setup = rule(&Filter::all()).setup(&late.client(&events), queue(&sqs, QueueUrl::named("mails")));
    setup.apply().await.unwrap();
    assert_eq!(late.seen("CreateEventBus").len(), 1);
    assert_eq!(changes(&setup).await, [Unchanged; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn target_with_another_queue_is_refused() {
    let (events, sqs) = clients_of_new_account();
    let setup = |name: &str| rule(&Filter::store::<Pokemon>()).setup(&events, queue(&sqs, QueueUrl::named(name)));
    setup("mails").apply().await.unwrap();
    let refused = refusal(&setup("search")).await;
    assert!(refused.contains(":mails, but the consumer needs search"), "{refused}");
    assert!(sqs.get_queue_url().queue_name("search").send().await.is_err(), "the queue was not created");
    let updating = || setup("search").update_existing();
    assert_eq!(changes(&updating()).await, [Unchanged, Create, Unchanged, Create, Update]);

    queue(&sqs, QueueUrl::named("search")).apply().await.unwrap();
    let refused = refusal(&setup("search")).await;
    assert!(refused.contains("exists with target") && refused.contains(":search"), "{refused}");
    assert_eq!(changes(&updating()).await, [Unchanged, Unchanged, Unchanged, Create, Update]);
    updating().apply().await.unwrap();
    assert_eq!(changes(&setup("search")).await, [Unchanged; 5]);

    // The queue of the target is created again.
    let url = sqs.get_queue_url().queue_name("search").send().await.unwrap().queue_url.unwrap();
    sqs.delete_queue().queue_url(url).send().await.unwrap();
    assert_eq!(changes(&setup("search")).await, [Unchanged, Create, Unchanged, Create, Unchanged]);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_bus_of_an_arn_and_fifo_queues_are_refused() {
    let (events, sqs) = clients_of_new_account();
    let pattern = EventPattern::of_filter::<AppBus>(&Filter::all());
    let arn = "arn:aws:events:us-east-1:123456789012:event-bus/app-bus";
    let setup = Rule::new(arn, "mails-rule", pattern).setup(&events, queue(&sqs, QueueUrl::named("mails")));
    assert!(refusal(&setup).await.contains("does not exist; to create it, give its name instead of its ARN"));
    let fifo = || queue(&sqs, QueueUrl::named("mails.fifo"));
    let setup = rule(&Filter::all()).setup(&events, fifo());
    assert!(refusal(&setup).await.contains("target mails.fifo of rule mails-rule is a FIFO queue"));
    assert!(events.describe_event_bus().name("app-bus").send().await.is_err(), "nothing was created");
    fifo().apply().await.unwrap();
    assert!(refusal(&setup).await.contains(":mails.fifo of rule mails-rule is a FIFO queue; use a standard queue"));
}
