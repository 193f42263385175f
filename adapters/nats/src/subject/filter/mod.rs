use std::collections::BTreeSet;

use castore_core::consumer::FilterPattern;

use super::Layout;

/// A store and an event type; `None` is any. A type stands only beside a store, so that two of these are either disjoint or
/// one covers the other.
type Part = (Option<&'static str>, Option<&'static str>);

/// The subject filters of a consumer that is to get what any of the patterns lets pass. JetStream refuses filters that
/// overlap, so these do not.
pub(crate) fn filter_subjects(layout: &Layout, patterns: &[FilterPattern], partition: Option<u32>) -> Vec<String> {
    let live = parts(patterns.iter());
    let replayed = parts(patterns.iter().filter(|pattern| pattern.on_replay));
    let mut subjects = Vec::new();
    for (event_store_id, event_type) in &live {
        // A filter of replays lets live messages pass, too.
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

/// What the patterns let pass, without what others of them cover.
fn parts<'a>(patterns: impl Iterator<Item = &'a FilterPattern>) -> BTreeSet<Part> {
    let mut parts = BTreeSet::new();
    for pattern in patterns {
        match (pattern.event_store_id, &pattern.event_types) {
            (Some(event_store_id), Some(event_types)) => {
                parts.extend(event_types.iter().map(|event_type| (Some(event_store_id), Some(*event_type))));
            }
            // Types without a store are looked at when the message is here.
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
