//! The twins of the failing cases, which are the same code without the mistakes. The test passes if this program
//! compiles.
//!
//! The twins are modules of one program, because trybuild would build and link a separate program for each of them.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_imports,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use std::collections::BTreeSet;
use std::path::Path;

macro_rules! twins {
    ($($module:ident = $path:literal,)*) => {
        $(#[path = $path] mod $module;)*

        const FILES: &[&str] = &[$($path),*];
    };
}

twins! {
    adapter_detached = "../../pass/adapter/detached.rs",
    adapter_in_memory = "../../pass/adapter/in-memory.rs",
    adapter_third_party = "../../pass/adapter/third-party.rs",
    broker_event_bridge = "../../pass/broker/event-bridge.rs",
    broker_nats = "../../pass/broker/nats.rs",
    broker_sqs = "../../pass/broker/sqs.rs",
    channel_attribute = "../../pass/channel/attribute.rs",
    channel_created = "../../pass/channel/created.rs",
    channel_forms = "../../pass/channel/forms.rs",
    channel_kinds = "../../pass/channel/kinds.rs",
    channel_message_channel = "../../pass/channel/message-channel.rs",
    channel_sources = "../../pass/channel/sources.rs",
    command_call = "../../pass/command/call.rs",
    command_declare = "../../pass/command/declare.rs",
    command_forms = "../../pass/command/forms.rs",
    connect_by_value = "../../pass/connect/by-value.rs",
    connect_connect = "../../pass/connect/connect.rs",
    connect_dyn = "../../pass/connect/dyn.rs",
    connect_new = "../../pass/connect/new.rs",
    connect_via_relay = "../../pass/connect/via_relay.rs",
    event_derive = "../../pass/event/derive.rs",
    event_forms = "../../pass/event/forms.rs",
    event_payload = "../../pass/event/payload.rs",
    event_serde = "../../pass/event/serde.rs",
    event_store_attribute = "../../pass/event-store/attribute.rs",
    event_store_event = "../../pass/event-store/event.rs",
    event_store_forms = "../../pass/event-store/forms.rs",
    event_store_item = "../../pass/event-store/item.rs",
    event_store_metadata = "../../pass/event-store/metadata.rs",
    event_store_reducer = "../../pass/event-store/reducer.rs",
    event_store_types = "../../pass/event-store/types.rs",
    event_subset_subsets = "../../pass/event-subset/subsets.rs",
    event_types = "../../pass/event/types.rs",
    evolution_retired_payloads = "../../pass/evolution/retired_payloads.rs",
    evolution_retired_types = "../../pass/evolution/retired_types.rs",
    evolution_unknown_events = "../../pass/evolution/unknown_events.rs",
    group_answer = "../../pass/group/answer.rs",
    group_group_event = "../../pass/group/group-event.rs",
    group_push_event_group = "../../pass/group/push-event-group.rs",
    ids_new_event = "../../pass/ids/new-event.rs",
    ids_read = "../../pass/ids/read.rs",
    ids_types = "../../pass/ids/types.rs",
    listen_filter = "../../pass/listen/filter.rs",
    listen_handler = "../../pass/listen/handler.rs",
    listen_listeners = "../../pass/listen/listeners.rs",
    listen_state = "../../pass/listen/state.rs",
    metadata_required = "../../pass/metadata/required.rs",
    order_order = "../../pass/order/order.rs",
    publish_get_aggregate_and_publish = "../../pass/publish/get-aggregate-and-publish.rs",
    publish_publish_message = "../../pass/publish/publish-message.rs",
    publish_publish_messages = "../../pass/publish/publish-messages.rs",
    push_new_event = "../../pass/push/new-event.rs",
    push_push = "../../pass/push/push.rs",
    relay_relay = "../../pass/relay/relay.rs",
    replay_replay = "../../pass/replay/replay.rs",
    shape_shapes = "../../pass/shape/shapes.rs",
    snapshots_snapshots = "../../pass/snapshots/snapshots.rs",
    state_fields = "../../pass/state/fields.rs",
    state_forms = "../../pass/state/forms.rs",
    state_serde = "../../pass/state/serde.rs",
    state_serializable = "../../pass/state/serializable.rs",
    transaction_within = "../../pass/transaction/within.rs",
    unused_used = "../../pass/unused/used.rs",
    valid_programs = "../../pass/valid/programs.rs",
    wiring_wirings = "../../pass/wiring/wirings.rs",
}

#[test]
fn every_file_in_pass_is_listed() {
    let listed: BTreeSet<String> = FILES.iter().map(|path| path.replace("../../pass/", "")).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pass");
    let mut found = BTreeSet::new();
    for topic in std::fs::read_dir(folder).unwrap() {
        let topic = topic.unwrap();
        for file in std::fs::read_dir(topic.path()).unwrap() {
            let (topic, file) = (topic.file_name(), file.unwrap().file_name());
            found.insert(format!("{}/{}", topic.to_str().unwrap(), file.to_str().unwrap()));
        }
    }
    assert_eq!(found, listed, "the files in pass/, and the list in tests/twins/main.rs");
}
