//! The compile-time checks of a wiring. `wiring!` calls the checks for each entry, with the span of the entry.

use super::{ChannelEntry, ConsumerEntry, ReadModelEntry, RelayEntry, StoreEntry};
use crate::channel::ChannelSource;
use crate::const_text::{Text, same};

/// Fails the build if an earlier event store has the same id as the event store at `index`.
#[track_caller]
pub const fn assert_distinct_store(wiring: &str, stores: &[StoreEntry], index: usize) {
    let store = &stores[index];
    let mut at = 0;
    while at < index {
        if stores[at].hash == store.hash && same(stores[at].id, store.id) {
            Text::new()
                .with("event stores `")
                .with(stores[at].type_name)
                .with("` and `")
                .with(store.type_name)
                .with("` of `")
                .with(wiring)
                .with("` share the id \"")
                .with(store.id)
                .with("\"; give one of them another id in `#[event_store(id = …)]`")
                .fail();
        }
        at += 1;
    }
}

/// Fails the build if an earlier message channel has the same id as the channel at `index`.
#[track_caller]
pub const fn assert_distinct_channel(wiring: &str, channels: &[ChannelEntry], index: usize) {
    let channel = &channels[index];
    let mut at = 0;
    while at < index {
        if channels[at].hash == channel.hash && same(channels[at].id, channel.id) {
            Text::new()
                .with("message channels `")
                .with(channels[at].type_name)
                .with("` and `")
                .with(channel.type_name)
                .with("` of `")
                .with(wiring)
                .with("` share the id \"")
                .with(channel.id)
                .with("\"; give one of them another id in `#[channel(id = …)]`")
                .fail();
        }
        at += 1;
    }
}

/// Fails the build if the channel carries an event store that the wiring does not list.
#[track_caller]
pub const fn assert_sources_listed(wiring: &str, channel: &ChannelEntry, stores: &[StoreEntry]) {
    if let Some(source) = unlisted_source(channel.sources, stores) {
        fail_unlisted_store("message channel `", channel.type_name, "` carries", source, wiring);
    }
}

/// Fails the build if the read model reads an event store that the wiring does not list.
#[track_caller]
pub const fn assert_read_stores_listed(wiring: &str, read_model: &ReadModelEntry, stores: &[StoreEntry]) {
    if let Some(source) = unlisted_source(read_model.sources, stores) {
        fail_unlisted_store("read model `", read_model.type_name, "` reads", source, wiring);
    }
}

const fn unlisted_source(sources: &'static [ChannelSource], stores: &[StoreEntry]) -> Option<&'static ChannelSource> {
    let mut at = 0;
    while at < sources.len() {
        let source = &sources[at];
        let (mut store, mut is_listed) = (0, false);
        while store < stores.len() {
            if stores[store].hash == source.hash() && same(stores[store].id, source.event_store_id()) {
                is_listed = true;
            }
            store += 1;
        }
        if !is_listed {
            return Some(source);
        }
        at += 1;
    }
    None
}

#[track_caller]
const fn fail_unlisted_store(noun: &str, name: &str, verb: &str, source: &ChannelSource, wiring: &str) -> ! {
    Text::new()
        .with(noun)
        .with(name)
        .with(verb)
        .with(" event store `")
        .with(source.type_name())
        .with("`, which `")
        .with(wiring)
        .with("` does not list; add `")
        .with(source.type_name())
        .with("` to its `stores`")
        .fail()
}

/// Fails the build if the wiring does not list the channel of the consumer.
#[track_caller]
pub const fn assert_consumed_channel_listed(wiring: &str, consumer: &ConsumerEntry, channels: &[ChannelEntry]) {
    if !is_listed(&consumer.channel, channels) {
        fail_unlisted("consumer `", consumer.name, "` consumes", &consumer.channel, wiring);
    }
}

/// Fails the build if the wiring does not list the channel of the relay.
#[track_caller]
pub const fn assert_relayed_channel_listed(wiring: &str, relay: &RelayEntry, channels: &[ChannelEntry]) {
    if !is_listed(&relay.channel, channels) {
        fail_unlisted("relay `", relay.name, "` publishes on", &relay.channel, wiring);
    }
}

#[track_caller]
const fn fail_unlisted(noun: &str, name: &str, verb: &str, channel: &ChannelEntry, wiring: &str) -> ! {
    Text::new()
        .with(noun)
        .with(name)
        .with(verb)
        .with(" message channel `")
        .with(channel.type_name)
        .with("`, which `")
        .with(wiring)
        .with("` does not list; add `")
        .with(channel.type_name)
        .with("` to its `channels`")
        .fail()
}

const fn is_listed(channel: &ChannelEntry, channels: &[ChannelEntry]) -> bool {
    let mut at = 0;
    while at < channels.len() {
        if channels[at].hash == channel.hash && same(channels[at].id, channel.id) {
            return true;
        }
        at += 1;
    }
    false
}

/// Fails the build if an earlier consumer consumes the same queue as the consumer at `index`.
#[track_caller]
pub const fn assert_one_worker(consumers: &[ConsumerEntry], index: usize) {
    let consumer = &consumers[index];
    if !consumer.channel.is_queue {
        return;
    }
    let mut at = 0;
    while at < index {
        let earlier = &consumers[at];
        if earlier.channel.hash == consumer.channel.hash && same(earlier.channel.id, consumer.channel.id) {
            Text::new()
                .with("message queue `")
                .with(consumer.channel.type_name)
                .with("` has two workers, `")
                .with(earlier.name)
                .with("` and `")
                .with(consumer.name)
                .with("`, and each message would reach only one of them; make it a message bus, or give each worker a queue of its own")
                .fail();
        }
        at += 1;
    }
}

/// Fails the build if the consumer requires ordered messages, but its channel does not guarantee the order.
#[track_caller]
pub const fn assert_keeps_order(consumer: &ConsumerEntry) {
    if consumer.in_order && !consumer.channel.ordered {
        Text::new()
            .with("consumer `")
            .with(consumer.name)
            .with("` requires the messages of an aggregate in order, but message channel `")
            .with(consumer.channel.type_name)
            .with("` does not promise the order; declare the channel with `#[channel(order = \"per_aggregate\")]`, or remove `in_order`")
            .fail();
    }
}

/// Fails the build if an earlier read model has the same name as the read model at `index`.
#[track_caller]
pub const fn assert_distinct_read_model(wiring: &str, read_models: &[ReadModelEntry], index: usize) {
    let read_model = &read_models[index];
    let mut at = 0;
    while at < index {
        if same(read_models[at].name, read_model.name) {
            Text::new()
                .with("read models `")
                .with(read_models[at].type_name)
                .with("` and `")
                .with(read_model.type_name)
                .with("` of `")
                .with(wiring)
                .with("` share the name \"")
                .with(read_model.name)
                .with("\"; give one of them another `NAME`")
                .fail();
        }
        at += 1;
    }
}

/// Returns whether one of the channels carries the event store.
pub const fn is_carried(store: &StoreEntry, channels: &[ChannelEntry]) -> bool {
    let mut at = 0;
    while at < channels.len() {
        let sources = channels[at].sources;
        let mut source = 0;
        while source < sources.len() {
            if sources[source].hash() == store.hash && same(sources[source].event_store_id(), store.id) {
                return true;
            }
            source += 1;
        }
        at += 1;
    }
    false
}

/// Returns whether one of the consumers reads the channel.
pub const fn is_consumed(channel: &ChannelEntry, consumers: &[ConsumerEntry]) -> bool {
    let mut at = 0;
    while at < consumers.len() {
        if consumers[at].channel.hash == channel.hash && same(consumers[at].channel.id, channel.id) {
            return true;
        }
        at += 1;
    }
    false
}
