//! Publishes stored events again, to fill a read model that was created later.

use std::error::Error;

use castore::channel::Carries;
use castore::prelude::*;

use crate::channels::AppBus;

/// The number of aggregates on a page.
const PAGE: u64 = 500;

/// Publishes all events of a store as replays. Returns the number of events.
pub async fn replay<S: EventSourced>(
    store: &impl Store<S>,
    app_bus: &AppBus,
    listener: &InMemoryMessageBusAdapter<AppBus>,
) -> Result<usize, Box<dyn Error>>
where
    AppBus: Carries<S>,
{
    let mut replayed = 0;
    let mut page = store.list_aggregate_ids().limit(PAGE).await?;
    loop {
        for listed in page.aggregate_ids {
            let events = store.get_events(listed.aggregate_id).await?;
            replayed += events.len();
            let messages: Vec<_> = events.into_iter().map(|event| NotificationMessage { event }).collect();
            app_bus.publish_messages(messages).replay(true).await?;
        }
        // Waits for the listener, so that at most the messages of one page are in memory.
        listener.idle().await;
        let Some(token) = page.next_page_token else { return Ok(replayed) };
        // The page token also contains the options of the first request.
        page = store.list_aggregate_ids().page_token(token).await?;
    }
}
