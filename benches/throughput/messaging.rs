use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use castore::prelude::*;
use tokio::sync::mpsc;

use crate::domain::{AppBus, AppQueue, Pokemon, appeared, runtime};
use crate::measure::{Report, timed};

const MESSAGES: u64 = 200_000;

fn message(level: u32) -> Result<NotificationMessage<Pokemon>, Box<dyn std::error::Error>> {
    Ok(NotificationMessage {
        event: EventDetail::new("pikachu1".to_owned(), 1, "2024-01-01T00:00:00.000Z".parse()?, appeared(level)),
    })
}

/// Measures the path from publishing to the handler, compared with a tokio channel with the same messages and a
/// receiving task.
pub(crate) fn run(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = runtime()?;
    let template = message(5)?;

    let mut floor = || {
        let template = template.clone();
        let counted = Arc::new(AtomicU64::new(0));
        let seen = counted.clone();
        Ok(timed(MESSAGES, || {
            runtime.block_on(async move {
                let (send, mut receive) = mpsc::unbounded_channel::<NotificationMessage<Pokemon>>();
                let task = tokio::spawn(async move {
                    while let Some(message) = receive.recv().await {
                        seen.fetch_add(u64::from(message.event.version == 1), Ordering::Relaxed);
                    }
                });
                for _ in 0..MESSAGES {
                    let _ = send.send(template.clone());
                }
                drop(send);
                let _ = task.await;
            });
            assert_eq!(counted.load(Ordering::Relaxed), MESSAGES);
        }))
    };

    report.case(
        "messaging: bus, publish to handler",
        ">= 0.5",
        &mut || {
            let template = template.clone();
            let app_bus = AppBus::new();
            let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
            let counted = Arc::new(AtomicU64::new(0));
            let seen = counted.clone();
            listener.on(Filter::store::<Pokemon>(), move |message, _| {
                let seen = seen.clone();
                async move {
                    seen.fetch_add(u64::from(message.event.version == 1), Ordering::Relaxed);
                    Ok(())
                }
            });
            Ok(timed(MESSAGES, || {
                runtime.block_on(async move {
                    for _ in 0..MESSAGES {
                        let _ = app_bus.publish_message(template.clone()).await;
                    }
                    listener.idle().await;
                });
                assert_eq!(counted.load(Ordering::Relaxed), MESSAGES);
            }))
        },
        "tokio channel and task",
        &mut floor,
    )?;

    report.case(
        "messaging: queue, publish to worker",
        "",
        &mut || {
            let template = template.clone();
            let app_queue = AppQueue::new();
            let worker = InMemoryMessageQueueAdapter::attach_to(&app_queue);
            let counted = Arc::new(AtomicU64::new(0));
            let seen = counted.clone();
            worker.worker(move |_, _| {
                seen.fetch_add(1, Ordering::Relaxed);
                std::future::ready(Ok(()))
            });
            Ok(timed(MESSAGES, || {
                runtime.block_on(async move {
                    for _ in 0..MESSAGES {
                        let _ = app_queue.publish_message(template.clone()).await;
                    }
                    worker.idle().await;
                });
                assert_eq!(counted.load(Ordering::Relaxed), MESSAGES);
            }))
        },
        "tokio channel and task",
        &mut floor,
    )
}
