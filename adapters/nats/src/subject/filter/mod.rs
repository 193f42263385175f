use std::collections::BTreeSet;

use castore_core::consumer::FilterPattern;

use super::Layout;

/// An event store and an event type. `None` instead of an event store matches every event store, and `None` instead of an
/// event type matches every event type. An event type is only set together with an event store. Therefore two different
/// parts either have no message in common, or one part matches all messages of the other.
type Part = (Option<&'static str>, Option<&'static str>);

/// Returns subject filters that match every message that at least one of the patterns passes. The filters do not
/// overlap, because JetStream rejects overlapping filters.
pub(crate) fn filter_subjects(layout: &Layout, patterns: &[FilterPattern], partition: Option<u32>) -> Vec<String> {
    let live = parts(patterns.iter());
    let replayed = parts(patterns.iter().filter(|pattern| pattern.on_replay));
    let mut subjects = Vec::new();
    for (event_store_id, event_type) in &live {
        // A filter that passes replays also passes live messages.
        let replay = if replayed.contains(&(*event_store_id, *event_type)) { None } else { Some(false) };
        subjects.push(layout.pattern(*event_store_id, *event_type, replay, partition));
    }
    for (event_store_id, event_type) in replayed.difference(&live) {
        subjects.push(layout.pattern(*event_store_id, *event_type, Some(true), partition));
    }
    if subjects.is_empty() {
        subjects.push(layout.none(partition));
    }
    subjects.sort();
    subjects
}

/// Returns whether one of the filters matches a subject.
pub(crate) fn matches_any(filters: &[String], subject: &str) -> bool {
    filters.iter().any(|filter| matches(filter, subject))
}

/// Matches a subject with wildcards like NATS: `*` is one token, and a final `>` is one token or more.
fn matches(filter: &str, subject: &str) -> bool {
    let (mut filter, mut subject) = (filter.split('.'), subject.split('.'));
    loop {
        match (filter.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(token)) if wanted == token => {}
            _ => return false,
        }
    }
}

/// Returns the parts that the patterns pass. Omits parts that other parts cover.
fn parts<'a>(patterns: impl Iterator<Item = &'a FilterPattern>) -> BTreeSet<Part> {
    let mut parts = BTreeSet::new();
    for pattern in patterns {
        match (pattern.event_store_id, &pattern.event_types) {
            (Some(event_store_id), Some(event_types)) => {
                parts.extend(event_types.iter().map(|event_type| (Some(event_store_id), Some(*event_type))));
            }
            // A filter of event types without a store cannot be expressed as subjects, and is checked in the consumer.
            (event_store_id, _) => {
                parts.insert((event_store_id, None));
            }
        }
    }
    let covered = |part: &Part| {
        (*part != (None, None) && parts.contains(&(None, None)))
            || (part.1.is_some() && parts.contains(&(part.0, None)))
    };
    parts.iter().filter(|part| !covered(part)).copied().collect()
}

#[cfg(test)]
mod tests;
