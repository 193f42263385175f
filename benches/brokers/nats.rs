//! NATS JetStream, with file storage.

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::{self, stream};
use castore::channel::MessageChannel;
use castore::nats::{NatsMessageQueueAdapter, NatsPartitionedMessageQueueAdapter, NatsWorker};
use castore::prelude::*;
use futures_util::StreamExt;

use crate::measure::Report;
use crate::messages::{
    Counter, Failure, OrderedParcelQueue, ParcelQueue, json_of, measured, messages, runtime, variable,
};

const SINGLE: u64 = 500;
const MANY: u64 = 5_000;
const AGGREGATES: u64 = 500;

fn name() -> String {
    format!("bench-{}", uuid::Uuid::new_v4().simple())
}

/// Creates a work queue for the raw client, with the same configuration as the work queue of the adapter.
async fn raw_stream(context: &jetstream::Context, name: &str) -> Result<(), Failure> {
    let config = stream::Config {
        name: name.to_owned(),
        subjects: vec![format!("{name}.>")],
        retention: stream::RetentionPolicy::WorkQueue,
        ..Default::default()
    };
    context.create_stream(config).await?;
    Ok(())
}

fn headers(version: u64, aggregate: &str) -> async_nats::HeaderMap {
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Nats-Msg-Id", format!("PARCELS#{aggregate}#{version}"));
    headers
}

pub(crate) fn run(report: &mut Report) -> Result<(), Failure> {
    let runtime = runtime()?;
    let client = match variable("CASTORE_TEST_NATS_URL") {
        Ok(url) => runtime.block_on(async_nats::connect(url))?,
        Err(error) => return Err(error),
    };
    let context = runtime.block_on(async { jetstream::new(client.clone()) });
    let queue = ParcelQueue::new();
    runtime.block_on(NatsMessageQueueAdapter::attach_to(&queue, client.clone(), name()))?;
    let ordered = OrderedParcelQueue::new();
    runtime.block_on(NatsPartitionedMessageQueueAdapter::attach_to(&ordered, client.clone(), name()))?;
    let raw = name();
    runtime.block_on(raw_stream(&context, &raw))?;

    let mut raw_single = || {
        let messages = messages(SINGLE, SINGLE)?;
        let (context, subject) = (&context, format!("{raw}.PARCELS.Weighed.live"));
        measured(&runtime, SINGLE, async {
            for message in &messages {
                let headers = headers(message.event.version, &message.event.aggregate_id);
                let sent = context.publish_with_headers(subject.clone(), headers, json_of(message).into()).await?;
                sent.await?;
            }
            Ok::<_, Failure>(())
        })
    };
    report.case(
        "nats: publish, 1 at a time",
        "",
        &mut || {
            let messages = messages(SINGLE, SINGLE)?;
            measured(&runtime, SINGLE, async {
                for message in messages {
                    queue.publish_message(message).await?;
                }
                Ok::<_, PublishError>(())
            })
        },
        "async-nats, publish and acknowledgement",
        &mut raw_single,
    )?;

    let mut raw_many = || {
        let messages = messages(MANY, AGGREGATES)?;
        let (context, subject) = (&context, format!("{raw}.PARCELS.Weighed.live"));
        measured(&runtime, MANY, async {
            let mut acknowledgements = Vec::with_capacity(messages.len());
            for message in &messages {
                let headers = headers(message.event.version, &message.event.aggregate_id);
                let sent = context.publish_with_headers(subject.clone(), headers, json_of(message).into()).await?;
                acknowledgements.push(sent.into_future());
            }
            for acknowledgement in acknowledgements {
                acknowledgement.await?;
            }
            Ok::<_, Failure>(())
        })
    };
    report.case(
        "nats: publish 5 000 of 500 aggregates",
        "",
        &mut || {
            let messages = messages(MANY, AGGREGATES)?;
            measured(&runtime, MANY, async { queue.publish_messages(messages).await })
        },
        "async-nats, all acknowledgements at the end",
        &mut raw_many,
    )?;
    report.case(
        "nats: publish 5 000, partitioned",
        "",
        &mut || {
            let messages = messages(MANY, AGGREGATES)?;
            measured(&runtime, MANY, async { ordered.publish_messages(messages).await })
        },
        "async-nats, all acknowledgements at the end",
        &mut raw_many,
    )?;

    report.case(
        "nats: handle 5 000, 32 at a time",
        "",
        &mut || {
            let prefix = name();
            let counter = Counter::to(MANY);
            let queue = ParcelQueue::new();
            let adapter = runtime.block_on(NatsMessageQueueAdapter::attach_to(&queue, client.clone(), prefix))?;
            runtime.block_on(async {
                queue.publish_messages(messages(MANY, AGGREGATES)?).await?;
                Ok::<_, Failure>(())
            })?;
            let counted = counter.clone();
            let worker = NatsWorker::builder(&adapter, move |_, _| {
                counted.add();
                std::future::ready(Ok(()))
            });
            let (took, worker) = runtime.block_on(async {
                let start = std::time::Instant::now();
                let worker = worker.start().await?;
                counter.wait().await;
                Ok::<_, Failure>((start.elapsed(), worker))
            })?;
            runtime.block_on(worker.shutdown())?;
            Ok((MANY, took))
        },
        "async-nats, messages() and ack",
        &mut || {
            let name = name();
            runtime.block_on(async {
                raw_stream(&context, &name).await?;
                let subject = format!("{name}.PARCELS.Weighed.live");
                let mut acknowledgements = Vec::new();
                for message in messages(MANY, AGGREGATES)? {
                    acknowledgements
                        .push(context.publish(subject.clone(), json_of(&message).into()).await?.into_future());
                }
                for acknowledgement in acknowledgements {
                    acknowledgement.await?;
                }
                let stream = context.get_stream(&name).await?;
                let config = pull::Config { durable_name: Some("worker".to_owned()), ..Default::default() };
                let consumer = stream.create_consumer(config).await?;
                let start = std::time::Instant::now();
                let mut received = consumer.messages().await?;
                for _ in 0..MANY {
                    let message = received.next().await.ok_or("no message")??;
                    let read: NotificationMessage<crate::messages::Parcel> = serde_json::from_slice(&message.payload)?;
                    std::hint::black_box(read.event.version);
                    message.ack().await.map_err(|error| error.to_string())?;
                }
                Ok((MANY, start.elapsed()))
            })
        },
    )
}
