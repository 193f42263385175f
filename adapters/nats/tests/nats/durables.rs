//! Tests that durable consumers are created, compared, and changed only where that is safe.

use std::time::Duration;

use async_nats::jetstream::consumer::{self, pull};
use castore_core::channel::MessageChannelAdapter;
use castore_core::consumer::{ChannelFilter, ConsumerHandle, Filter};
use castore_nats::{
    NatsError, NatsListener, NatsListenerBuilder, NatsMessageBusAdapter, NatsMessageQueueAdapter,
    NatsPartitionedMessageQueueAdapter, NatsWorker,
};

use crate::domain::{AppBus, AppQueue, LIVE, OrderedQueue, Pokemon, PokemonEventType, appeared, leveled_up};
use crate::support::{Calls, fresh, stored, until};

async fn config(client: &async_nats::Client, stream: &str, name: &str) -> consumer::Config {
    let jetstream = async_nats::jetstream::new(client.clone());
    let consumer: consumer::Consumer<pull::Config> = jetstream.get_consumer_from_stream(name, stream).await.unwrap();
    consumer.cached_info().config.clone()
}

fn mismatch(started: Result<ConsumerHandle, NatsError>) -> (&'static str, String, String) {
    match started {
        Err(NatsError::ConsumerMismatch { field, found, expected, .. }) => (field, found, expected),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ordered_consumers_have_one_pending_message() {
    let (client, streams) = fresh().await;
    let builder = NatsPartitionedMessageQueueAdapter::<OrderedQueue>::builder(client.clone(), &streams.0);
    let adapter = builder.partitions(2).connect().await.unwrap();
    let worker = NatsWorker::builder(&adapter, |_, _| async { Ok(()) }).start().await.unwrap();
    for partition in 0..2 {
        let found = config(&client, &streams.0, &format!("worker-{partition}")).await;
        assert_eq!((found.max_ack_pending, found.max_deliver), (1, -1));
        assert_eq!(found.filter_subjects, [format!("{}.*.*.*.{partition}", streams.0)]);
    }
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn different_ack_wait_is_updated() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let worker =
        |seconds| NatsWorker::builder(&adapter, |_, _| async { Ok(()) }).ack_wait(Duration::from_secs(seconds));
    let first = worker(30).start().await.unwrap();
    let second = worker(7).start().await.unwrap();
    let found = config(&client, &streams.0, "worker").await;
    assert_eq!((found.ack_wait, found.max_ack_pending), (Duration::from_secs(7), -1));
    first.shutdown().await.unwrap();
    second.shutdown().await.unwrap();
}

#[tokio::test]
async fn foreign_consumer_is_an_error() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let jetstream = async_nats::jetstream::new(client.clone());
    let config = pull::Config {
        durable_name: Some("worker".to_owned()),
        max_deliver: 3,
        max_ack_pending: -1,
        filter_subject: format!("{}.*.*.*", streams.0),
        ..pull::Config::default()
    };
    jetstream.create_consumer_on_stream(config, &streams.0).await.unwrap();
    let started = NatsWorker::builder(&adapter, |_, _| async { Ok(()) }).start().await;
    let told = format!(
        "consumer worker of stream {} exists with max_deliver 3 instead of -1; use another durable name, or delete the consumer",
        streams.0
    );
    assert_eq!(started.as_ref().unwrap_err().to_string(), told);
    assert_eq!(mismatch(started).0, "max_deliver");
}

fn listener<F: ChannelFilter<AppBus>>(
    adapter: &NatsMessageBusAdapter<AppBus>,
    filter: F,
) -> NatsListenerBuilder<AppBus> {
    NatsListener::builder(adapter, "mails", filter, |_, _| async { Ok(()) })
}

#[tokio::test]
async fn different_filter_is_an_error_unless_it_is_replaced() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let appeared = || Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    let filters = async || config(&client, &streams.0, "mails").await.filter_subjects;
    let first = listener(&adapter, appeared()).start().await.unwrap();
    assert_eq!(filters().await, [format!("{}.POKEMONS.APPEARED.live", streams.0)]);
    // Starting the listener again with the same filter succeeds.
    listener(&adapter, appeared()).start().await.unwrap().shutdown().await.unwrap();
    let other = appeared().event_type(PokemonEventType::LeveledUp).on_replay(true);
    let started = listener(&adapter, other.clone()).start().await;
    assert!(started.as_ref().unwrap_err().to_string().ends_with("use another durable name, or `replace_filter`"));
    assert_eq!(mismatch(started).0, "filter subjects");
    first.shutdown().await.unwrap();
    listener(&adapter, other).replace_filter().start().await.unwrap().shutdown().await.unwrap();
    let expected = ["APPEARED", "LEVELED_UP"].map(|kind| format!("{}.POKEMONS.{kind}.*", streams.0));
    assert_eq!(filters().await, expected);
}

/// During a deployment, listeners of the old version receive messages that pass only the filter of the new version.
#[tokio::test]
async fn old_and_new_listeners_run_side_by_side_when_the_filter_is_widened() {
    const AGGREGATES: usize = 20;
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let start = async |filter, calls: &Calls| {
        let calls = calls.clone();
        // With a tuple of filters, the handler receives the enum of the channel's messages.
        let builder = NatsListener::builder(&adapter, "mails", (filter,), move |message, context| {
            calls.note(&*message, context);
            async { Ok(()) }
        });
        builder.replace_filter().start().await.unwrap()
    };
    let (old, new) = (Calls::default(), Calls::default());
    let appeared_only = || Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    let old_listeners = [start(appeared_only(), &old).await, start(appeared_only(), &old).await];
    let new_listener = start(appeared_only().event_type(PokemonEventType::LeveledUp), &new).await;
    for number in 0..AGGREGATES {
        let name = format!("pokemon{number}");
        adapter.publish_message(appeared(&name, 1), LIVE).await.unwrap();
        adapter.publish_message(leveled_up(&name, 2), LIVE).await.unwrap();
    }
    until("all are handled", async || old.all().len() + new.all().len() >= 2 * AGGREGATES).await;
    let of_version = |calls: &Calls, version| calls.all().iter().filter(|call| call.1 == version).count();
    assert_eq!(of_version(&old, 2), 0);
    assert_eq!(of_version(&new, 2), AGGREGATES);
    assert_eq!(of_version(&old, 1) + of_version(&new, 1), AGGREGATES);
    until("nothing is left", async || stored(&client, &streams.0).await.is_empty()).await;
    assert!(stored(&client, &format!("{}_DEAD", streams.0)).await.is_empty());
    for listener in old_listeners {
        listener.shutdown().await.unwrap();
    }
    new_listener.shutdown().await.unwrap();
}

#[tokio::test]
async fn invalid_name_is_rejected() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let started = NatsListener::builder(&adapter, "a.b", Filter::all(), |_, _| async { Ok(()) }).start().await;
    assert!(matches!(&started, Err(NatsError::InvalidName { name, .. }) if name == "a.b"), "{started:?}");
}

/// The server keeps the messages of a bus only for listeners that have not received them yet.
#[tokio::test]
async fn bus_keeps_messages_for_absent_listeners() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    adapter.publish_message(appeared("nobody", 1), LIVE).await.unwrap();
    assert_eq!(stored(&client, &streams.0).await.len(), 0);
    listener(&adapter, Filter::all()).start().await.unwrap().shutdown().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    assert_eq!(stored(&client, &streams.0).await.len(), 1);
    let calls = Calls::default();
    let noted = calls.clone();
    let back = NatsListener::builder(&adapter, "mails", Filter::all(), move |message, context| {
        noted.note(&*message, context);
        async { Ok(()) }
    });
    let back = back.start().await.unwrap();
    calls.until(1).await;
    assert_eq!(calls.all(), [("a".to_owned(), 1, 1)]);
    back.shutdown().await.unwrap();
}

#[tokio::test]
async fn invalid_options_are_rejected_when_a_consumer_is_started() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client, &streams.0).await.unwrap();
    let worker = || NatsWorker::builder(&adapter, |_, _| async { Ok(()) });
    let error = worker().concurrency(0).start().await.unwrap_err();
    assert_eq!(error.to_string(), "invalid option `concurrency`: must be at least 1");
    let error = worker().ack_wait(Duration::from_millis(99)).start().await.unwrap_err();
    assert!(matches!(error, NatsError::InvalidOption(_)));
    assert_eq!(error.to_string(), "invalid option `ack_wait`: must be at least 100 milliseconds");
}
