//! The comparison of two locks.

use super::changes::{Change, Changes, Class};
use super::facts::{ANY_TYPE, SAME_PAYLOAD};
use super::fields::{compare_fields, reads};
use super::locked::{Channel, Fields, Locked, Retired, as_shape, fields_of_shape};
use super::types::compare_types;

/// Compares the text of a lock with the lock text of the current program. Returns the changes, the most severe first.
pub fn changes(before: &str, now: &str) -> Vec<Change> {
    let (old, new) = (Locked::read(before), Locked::read(now));
    let mut changes = Changes::default();
    compare_stores(&old, &new, &mut changes);
    compare_events(&old, &new, &mut changes);
    compare_retired(&old, &new, &mut changes);
    compare_states(&old, &new, &mut changes);
    compare_channels(&old, &new, &mut changes);
    changes.sorted()
}

fn compare_stores(old: &Locked, new: &Locked, changes: &mut Changes) {
    for (id, parts) in &old.stores {
        let Some(now) = new.stores.get(id) else {
            let added = new.stores.keys().filter(|other| !old.stores.contains_key(*other));
            let remedy = match added.into_iter().find(|other| new.events_of(other) == old.events_of(id)) {
                Some(other) => format!(
                    "its events are stored under the id {id}, but the program looks for {other}; keep `id = \"{id}\"`, or \
                     move the stored events"
                ),
                None => format!("its events are stored under the id {id}; list an event store with this id"),
            };
            changes.add(Class::Breaking, format!("store {id} is removed"), remedy);
            continue;
        };
        for part in parts.keys().chain(now.keys().filter(|part| !parts.contains_key(*part))) {
            let place = format!("store {id}: {part}");
            match (parts.get(part), now.get(part)) {
                (Some(before), Some(now)) => compare_part(&place, before, now, changes),
                (None, Some(_)) => changes.add(Class::Compatible, format!("{place} is new"), ""),
                (Some(_), None) => {
                    changes.add(Class::ReadersFirst, format!("{place} is removed"), "older readers may expect it");
                }
                (None, None) => {}
            }
        }
    }
    for id in new.stores.keys().filter(|id| !old.stores.contains_key(*id)) {
        changes.add(Class::Compatible, format!("store {id} is new"), "");
    }
}

/// Compares the type of the aggregate ids or of the metadata. If the new type cannot read the old values, the change is
/// breaking, because upcasters convert neither aggregate ids nor metadata.
fn compare_part(place: &str, before: &str, now: &str, changes: &mut Changes) {
    let mut parts = Changes::default();
    compare_types(place, before, now, &mut parts);
    if parts.are_readable() {
        return changes.append(parts);
    }
    changes.add(
        Class::Breaking,
        format!("{place} changes from {before} to {now}"),
        "it is read with every stored event, and cannot be converted; keep the type readable, for example by making new \
         fields optional",
    );
}

fn compare_events(old: &Locked, new: &Locked, changes: &mut Changes) {
    for (key @ (store, event), fields) in old.events.iter().filter(|((store, _), _)| new.stores.contains_key(store)) {
        let name = format!("event {store}/{event}");
        match (new.events.get(key), new.retired.get(key)) {
            (Some(now), _) => compare_fields(&name, fields, now, changes),
            (None, Some(retired)) => compare_newly_retired(&name, store, fields, retired, new, changes),
            (None, None) => changes.add(
                Class::NeedsUpcaster,
                format!("{name} is removed"),
                format!(
                    "stored events of type {event} cannot be read; read them as another type, with `from(\"{event}\" = …)`, or \
                     keep the variant with a `Retired<…>` payload"
                ),
            ),
        }
    }
    let is_new = |key: &&(String, String)| !old.events.contains_key(*key) && old.stores.contains_key(&key.0);
    for (store, event) in new.events.keys().filter(is_new) {
        changes.add(Class::ReadersFirst, format!("event {store}/{event} is new"), "older readers do not know it");
    }
}

fn compare_newly_retired(
    name: &str,
    store: &str,
    fields: &Fields,
    retired: &Retired,
    new: &Locked,
    changes: &mut Changes,
) {
    let read_as = &retired.read_as;
    if retired.payload == SAME_PAYLOAD {
        changes.add(
            Class::ReadersFirst,
            format!("{name} is retired, and is read as {read_as}"),
            "older readers do not know the new name",
        );
        if let Some(now) = new.events.get(&(store.to_owned(), read_as.clone())) {
            compare_fields(&format!("{name}, read as {read_as}"), fields, now, changes);
        }
        return;
    }
    let target = if read_as == ANY_TYPE { "other event types" } else { read_as };
    let fact = format!("{name} is retired, and is converted into {target}");
    let locked = as_shape(fields);
    let is_readable =
        retired.payload == locked || fields_of_shape(&retired.payload).is_some_and(|now| reads(&now, fields));
    if is_readable {
        return changes.add(Class::ReadersFirst, fact, "older readers do not know the new name");
    }
    changes.add(
        Class::NeedsUpcaster,
        fact,
        format!(
            "its payload was locked as {locked}, but the program reads {}; the retired payload must be what was stored",
            retired.payload
        ),
    );
}

fn compare_retired(old: &Locked, new: &Locked, changes: &mut Changes) {
    for (key @ (store, event), before) in old.retired.iter().filter(|((store, _), _)| new.stores.contains_key(store)) {
        let name = format!("event {store}/{event}");
        match new.retired.get(key) {
            None if new.events.contains_key(key) => {}
            None => changes.add(
                Class::NeedsUpcaster,
                format!("{name} is not read anymore"),
                format!(
                    "stored events of type {event} cannot be read; keep `from(\"{event}\" = …)` as long as such events are stored"
                ),
            ),
            Some(now) if now.payload != before.payload => {
                let (locked, retired) = (fields_of_shape(&before.payload), fields_of_shape(&now.payload));
                let is_readable = matches!((&locked, &retired), (Some(locked), Some(retired)) if reads(retired, locked));
                if !is_readable {
                    changes.add(
                        Class::NeedsUpcaster,
                        format!("{name}: the retired payload changes from {} to {}", before.payload, now.payload),
                        "events with the old payload are stored; restore the old payload type",
                    );
                }
            }
            Some(_) => {}
        }
    }
}

fn compare_states(old: &Locked, new: &Locked, changes: &mut Changes) {
    for (store, fields) in &old.states {
        if new.states.get(store).is_none_or(|now| now == fields) {
            continue;
        }
        let is_sent = |channel: &Channel| channel.kind.starts_with("state-carrying") && channel.sources.contains(store);
        let fact = format!("state {store} has changed");
        if new.channels.values().any(is_sent) {
            changes.add(
                Class::ReadersFirst,
                fact,
                "consumers of state-carrying messages read it; its snapshots are rebuilt",
            );
        } else {
            changes.add(Class::Compatible, fact, "its snapshots are rebuilt");
        }
    }
}

fn compare_channels(old: &Locked, new: &Locked, changes: &mut Changes) {
    for (id, before) in &old.channels {
        let Some(now) = new.channels.get(id) else {
            changes.add(
                Class::Breaking,
                format!("channel {id} is removed"),
                format!("its consumers receive nothing; if the channel was renamed, keep its id with `#[channel(id = \"{id}\")]`"),
            );
            continue;
        };
        if before.kind != now.kind {
            let fact = format!("channel {id} changes from {} to {}", before.kind, now.kind);
            changes.add(Class::Breaking, fact, "its consumers expect other messages");
        }
        for store in before.sources.difference(&now.sources).filter(|store| new.stores.contains_key(*store)) {
            let fact = format!("channel {id} does not carry {store} anymore");
            changes.add(Class::Breaking, fact, "its consumers receive no messages of this event store");
        }
        for store in now.sources.difference(&before.sources) {
            changes.add(
                Class::ReadersFirst,
                format!("channel {id} also carries {store}"),
                "older consumers do not know it",
            );
        }
    }
    for id in new.channels.keys().filter(|id| !old.channels.contains_key(*id)) {
        changes.add(Class::Compatible, format!("channel {id} is new"), "");
    }
}
