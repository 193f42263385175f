//! SQS in the emulator.

use std::time::Instant;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, QueueAttributeName, SendMessageBatchRequestEntry};
use castore::channel::MessageChannel;
use castore::prelude::*;
use castore::sqs::{SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter, SqsWorker};

use crate::measure::Report;
use crate::messages::{
    Counter, Emulator, Failure, OrderedParcelQueue, Parcel, ParcelQueue, json_of, measured, messages, runtime,
};

const SINGLE: u64 = 200;
const MANY: u64 = 1_000;

fn client() -> Result<Client, Failure> {
    let Emulator { endpoint, account } = Emulator::new()?;
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "secret", None, None, "benches"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Ok(Client::from_conf(config))
}

async fn queue_url(client: &Client, name: &str) -> Result<String, Failure> {
    let mut made = client.create_queue().queue_name(name);
    if name.ends_with(".fifo") {
        made = made.attributes(QueueAttributeName::FifoQueue, "true");
    }
    Ok(made.send().await?.queue_url.ok_or("no URL")?)
}

async fn send_many(client: &Client, url: &str, messages: &[NotificationMessage<Parcel>]) -> Result<(), Failure> {
    for batch in messages.chunks(10) {
        let mut request = client.send_message_batch().queue_url(url);
        for (number, message) in batch.iter().enumerate() {
            let mut entry =
                SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(json_of(message));
            if url.ends_with(".fifo") {
                let NotificationMessage { event } = message;
                entry = entry
                    .message_group_id(event.aggregate_id.as_str())
                    .message_deduplication_id(format!("{}#{}", event.aggregate_id, event.version));
            }
            request = request.entries(entry.build()?);
        }
        request.send().await?;
    }
    Ok(())
}

pub(crate) fn run(report: &mut Report) -> Result<(), Failure> {
    let runtime = runtime()?;
    let client = client()?;
    let url = runtime.block_on(queue_url(&client, "ours"))?;
    let fifo_url = runtime.block_on(queue_url(&client, "ours.fifo"))?;
    let raw_url = runtime.block_on(queue_url(&client, "raw"))?;
    let raw_fifo_url = runtime.block_on(queue_url(&client, "raw.fifo"))?;
    let queue = ParcelQueue::new();
    SqsMessageQueueAdapter::attach_to(&queue, client.clone(), url.as_str());
    let ordered = OrderedParcelQueue::new();
    SqsFifoMessageQueueAdapter::attach_to(&ordered, client.clone(), fifo_url.as_str());

    report.case(
        "sqs: publish, 1 at a time",
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
        "aws-sdk-sqs, send_message",
        &mut || {
            let messages = messages(SINGLE, SINGLE)?;
            measured(&runtime, SINGLE, async {
                for message in &messages {
                    client.send_message().queue_url(&raw_url).message_body(json_of(message)).send().await?;
                }
                Ok::<_, Failure>(())
            })
        },
    )?;

    report.case(
        "sqs: publish 1 000",
        "",
        &mut || {
            let messages = messages(MANY, MANY)?;
            measured(&runtime, MANY, async { queue.publish_messages(messages).await })
        },
        "aws-sdk-sqs, batches of 10, one by one",
        &mut || measured(&runtime, MANY, send_many(&client, &raw_url, &messages(MANY, MANY)?)),
    )?;
    report.case(
        "sqs: publish 1 000 of 100 aggregates, FIFO",
        "",
        &mut || {
            let messages = messages(MANY, 100)?;
            measured(&runtime, MANY, async { ordered.publish_messages(messages).await })
        },
        "aws-sdk-sqs, batches of 10, one by one, FIFO",
        &mut || measured(&runtime, MANY, send_many(&client, &raw_fifo_url, &messages(MANY, 100)?)),
    )?;

    report.case(
        "sqs: handle 1 000",
        "",
        &mut || {
            let name = format!("handled-{}", uuid::Uuid::new_v4().simple());
            let url = runtime.block_on(async {
                let url = queue_url(&client, &name).await?;
                send_many(&client, &url, &messages(MANY, MANY)?).await?;
                Ok::<_, Failure>(url)
            })?;
            let counter = Counter::to(MANY);
            let counted = counter.clone();
            let worker = SqsWorker::builder(client.clone(), url, &queue, move |_, _| {
                counted.add();
                std::future::ready(Ok(()))
            });
            runtime.block_on(async {
                let start = Instant::now();
                let worker = worker.start()?;
                counter.wait().await;
                let took = start.elapsed();
                worker.shutdown().await?;
                Ok((MANY, took))
            })
        },
        "aws-sdk-sqs, receive and delete batches of 10",
        &mut || {
            let name = format!("raw-{}", uuid::Uuid::new_v4().simple());
            runtime.block_on(async {
                let url = queue_url(&client, &name).await?;
                send_many(&client, &url, &messages(MANY, MANY)?).await?;
                let start = Instant::now();
                let mut handled = 0;
                while handled < MANY {
                    let got = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await?;
                    let mut delete = client.delete_message_batch().queue_url(&url);
                    for (number, message) in got.messages().iter().enumerate() {
                        let body = message.body().unwrap_or_default();
                        let read: NotificationMessage<Parcel> = serde_json::from_str(body)?;
                        std::hint::black_box(read.event.version);
                        let entry = DeleteMessageBatchRequestEntry::builder()
                            .id(number.to_string())
                            .receipt_handle(message.receipt_handle().unwrap_or_default())
                            .build()?;
                        delete = delete.entries(entry);
                        handled += 1;
                    }
                    delete.send().await?;
                }
                Ok((MANY, start.elapsed()))
            })
        },
    )
}
