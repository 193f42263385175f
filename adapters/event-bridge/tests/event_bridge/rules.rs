//! Tests of rules with the emulator.

use castore::prelude::*;
use castore_core::message::ChannelMessage;
use castore_event_bridge::{EventBridgeEnvelope, EventBridgeMessageBusAdapter, EventPattern, Rule};

use crate::domain::{AppBus, Pokemon, PokemonEventType, appeared, leveled_up};
use crate::support::{bodies, clients_of_new_account, queue};

/// A rule that is deployed again has the new pattern and one target.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_replaced() {
    let (events, sqs) = clients_of_new_account();
    events.create_event_bus().name("app-bus").send().await.unwrap();
    let (queue_url, queue_arn) = queue(&sqs, "listener", 30).await;
    let (_, dead_letters) = queue(&sqs, "dead-letters", 30).await;
    let app_bus = AppBus::new();
    EventBridgeMessageBusAdapter::attach_to(&app_bus, events.clone(), "app-bus");
    let deploy = async |pattern| {
        let rule = Rule::new("app-bus", "to-listener", pattern).dead_letter_queue(&dead_letters);
        rule.deploy(&events, &queue_arn).await.unwrap()
    };
    let of_type = |event_type| Filter::store::<Pokemon>().event_type(event_type);
    let arn = deploy(EventPattern::of_filter::<AppBus>(&of_type(PokemonEventType::Appeared))).await;
    app_bus.publish_messages(vec![appeared("a", 1), leveled_up("a", 2)]).await.unwrap();
    let again = deploy(EventPattern::of_filter::<AppBus>(&of_type(PokemonEventType::LeveledUp))).await;
    assert_eq!(arn, again);
    app_bus.publish_messages(vec![appeared("b", 1), leveled_up("b", 2)]).await.unwrap();
    let mut received: Vec<_> = bodies(&sqs, &queue_url, 2)
        .await
        .iter()
        .map(|body| {
            let envelope = EventBridgeEnvelope::parse(body).unwrap();
            assert!(envelope.id().is_some());
            let message = envelope.message::<AppBus>().unwrap();
            (message.as_message().aggregate_id(), message.as_message().version())
        })
        .collect();
    received.sort();
    assert_eq!(received, [("a".to_owned(), Some(1)), ("b".to_owned(), Some(2))]);
    let targets = events.list_targets_by_rule().event_bus_name("app-bus").rule("to-listener").send().await.unwrap();
    let targets = targets.targets();
    assert_eq!((targets.len(), targets[0].arn(), targets[0].id()), (1, queue_arn.as_str(), "castore"));
    assert_eq!(targets[0].dead_letter_config().and_then(|config| config.arn()), Some(dead_letters.as_str()));
}

/// A pattern that is split into several rules delivers each message once.
#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_can_be_several_rules() {
    let (events, sqs) = clients_of_new_account();
    events.create_event_bus().name("app-bus").send().await.unwrap();
    let (queue_url, queue_arn) = queue(&sqs, "listener", 30).await;
    let app_bus = AppBus::new();
    EventBridgeMessageBusAdapter::attach_to(&app_bus, events.clone(), "app-bus");
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared).on_replay(true);
    let rules = EventPattern::of_filter::<AppBus>(&filter).into_rules();
    assert_eq!(rules.len(), 2);
    for (number, rule) in rules.into_iter().enumerate() {
        Rule::new("app-bus", format!("rule-{number}"), rule).deploy(&events, &queue_arn).await.unwrap();
    }
    for replay in [false, true] {
        app_bus.publish_messages(vec![appeared("a", 1), leveled_up("a", 2)]).replay(replay).await.unwrap();
    }
    let mut replays: Vec<_> = bodies(&sqs, &queue_url, 2)
        .await
        .iter()
        .map(|body| EventBridgeEnvelope::parse(body).unwrap().is_replay())
        .collect();
    replays.sort();
    assert_eq!(replays, [false, true]);
}

/// The error contains the message of EventBridge.
#[tokio::test(flavor = "multi_thread")]
async fn rule_of_a_missing_bus_is_rejected() {
    let (events, _) = clients_of_new_account();
    let rule = Rule::new("no-such-bus", "rule", EventPattern::of_filter::<AppBus>(&Filter::all()));
    let error = rule.deploy(&events, "arn:aws:sqs:us-east-1:123456789012:listener").await.unwrap_err();
    let text = castore_core::error::error_chain(&error);
    assert!(text.contains("ResourceNotFoundException"), "{text}");
}
