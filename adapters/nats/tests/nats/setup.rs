//! Tests that the durable consumers of a worker or a listener can be created before the worker or the listener is
//! started.

use std::time::Duration;

use castore_core::channel::MessageChannelAdapter;
use castore_core::consumer::{ChannelFilter, ConsumerSetup, Filter, ResourceChange};
use castore_core::error::error_chain;
use castore_nats::{
    NatsError, NatsListener, NatsListenerBuilder, NatsMessageBusAdapter, NatsPartitionedMessageQueueAdapter, NatsWorker,
};

use crate::domain::{AppBus, LIVE, OrderedQueue, Pokemon, PokemonEventType, appeared};
use crate::support::{Calls, fresh};

fn listener(
    adapter: &NatsMessageBusAdapter<AppBus>,
    filter: impl ChannelFilter<AppBus>,
    calls: &Calls,
) -> NatsListenerBuilder<AppBus> {
    let calls = calls.clone();
    NatsListener::builder(adapter, "mails", (filter,), move |message, context| {
        calls.note(&*message, context);
        async { Ok(()) }
    })
}

async fn changes(setup: &impl ConsumerSetup) -> Vec<ResourceChange> {
    setup.plan().await.unwrap().iter().map(|resource| resource.change).collect()
}

#[tokio::test]
async fn messages_before_the_start_of_a_prepared_listener_are_received() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let calls = Calls::default();
    let setup = listener(&adapter, Filter::all(), &calls).setup().unwrap();
    let planned = setup.plan().await.unwrap();
    assert_eq!(planned[0].name, format!("consumer mails of stream {}", streams.0));
    assert_eq!((planned.len(), planned[0].change), (1, ResourceChange::Create));
    assert_eq!(changes(&setup).await, [ResourceChange::Create], "a plan changes nothing");
    assert_eq!(setup.apply().await.unwrap(), planned);
    assert_eq!(changes(&setup).await, [ResourceChange::Unchanged]);
    assert_eq!(setup.apply().await.unwrap()[0].change, ResourceChange::Unchanged);

    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    let running = listener(&adapter, Filter::all(), &calls).start().await.unwrap();
    calls.until(1).await;
    assert_eq!(calls.all(), [("a".to_owned(), 1, 1)]);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn other_settings_are_updated_or_refused_as_at_the_start() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let calls = Calls::default();
    listener(&adapter, Filter::all(), &calls).setup().unwrap().apply().await.unwrap();
    let patient = listener(&adapter, Filter::all(), &calls).ack_wait(Duration::from_secs(7)).setup().unwrap();
    assert_eq!(changes(&patient).await, [ResourceChange::Update]);
    assert_eq!(patient.apply().await.unwrap()[0].change, ResourceChange::Update);
    assert_eq!(changes(&patient).await, [ResourceChange::Unchanged]);

    let appeared = || Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    let narrowed = || listener(&adapter, appeared(), &calls).ack_wait(Duration::from_secs(7));
    for error in
        [narrowed().setup().unwrap().plan().await.unwrap_err(), narrowed().setup().unwrap().apply().await.unwrap_err()]
    {
        assert!(error_chain(&error).contains("exists with filter subjects"), "{error:?}");
    }
    let replaced = narrowed().replace_filter().setup().unwrap();
    assert_eq!(changes(&replaced).await, [ResourceChange::Update]);
    replaced.apply().await.unwrap();
    assert_eq!(changes(&narrowed().setup().unwrap()).await, [ResourceChange::Unchanged]);
}

#[tokio::test]
async fn partitions_of_a_worker_are_set_up() {
    let (client, streams) = fresh().await;
    let builder = NatsPartitionedMessageQueueAdapter::<OrderedQueue>::builder(client.clone(), &streams.0);
    let adapter = builder.partitions(2).connect().await.unwrap();
    let worker = || NatsWorker::builder(&adapter, |_, _| async { Ok(()) });
    worker().setup().unwrap().apply().await.unwrap();
    assert_eq!(changes(&worker().setup().unwrap()).await, [ResourceChange::Unchanged; 2]);
    worker().start().await.unwrap().shutdown().await.unwrap();
    let invalid = worker().concurrency(0).setup();
    assert!(matches!(invalid, Err(NatsError::InvalidOption(_))), "{invalid:?}");
}
