//! EventBridge in the emulator: publishing without listeners.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use castore::channel::MessageChannel;
use castore::event_bridge::EventBridgeMessageBusAdapter;
use castore::prelude::*;

use crate::measure::Report;
use crate::messages::{Emulator, Failure, ParcelBus, json_of, measured, messages, runtime};

const SINGLE: u64 = 200;
const MANY: u64 = 1_000;

fn client() -> Result<Client, Failure> {
    let Emulator { endpoint, account } = Emulator::new()?;
    let config = aws_sdk_eventbridge::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "secret", None, None, "benches"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Ok(Client::from_conf(config))
}

fn entry(detail: String) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .event_bus_name("bench")
        .source("PARCELS")
        .detail_type("Weighed")
        .detail(detail)
        .build()
}

pub(crate) fn run(report: &mut Report) -> Result<(), Failure> {
    let runtime = runtime()?;
    let client = client()?;
    runtime.block_on(client.create_event_bus().name("bench").send())?;
    let bus = ParcelBus::new();
    EventBridgeMessageBusAdapter::attach_to(&bus, client.clone(), "bench");

    report.case(
        "event-bridge: publish, 1 at a time",
        "",
        &mut || {
            let messages = messages(SINGLE, SINGLE)?;
            measured(&runtime, SINGLE, async {
                for message in messages {
                    bus.publish_message(message).await?;
                }
                Ok::<_, PublishError>(())
            })
        },
        "aws-sdk-eventbridge, put_events of 1",
        &mut || {
            let messages = messages(SINGLE, SINGLE)?;
            measured(&runtime, SINGLE, async {
                for message in &messages {
                    client.put_events().entries(entry(json_of(message))).send().await?;
                }
                Ok::<_, Failure>(())
            })
        },
    )?;
    report.case(
        "event-bridge: publish 1 000",
        "",
        &mut || {
            let messages = messages(MANY, MANY)?;
            measured(&runtime, MANY, async { bus.publish_messages(messages).await })
        },
        "aws-sdk-eventbridge, put_events of 10",
        &mut || {
            let messages = messages(MANY, MANY)?;
            measured(&runtime, MANY, async {
                for batch in messages.chunks(10) {
                    let entries = batch.iter().map(|message| entry(json_of(message))).collect();
                    client.put_events().set_entries(Some(entries)).send().await?;
                }
                Ok::<_, Failure>(())
            })
        },
    )
}
