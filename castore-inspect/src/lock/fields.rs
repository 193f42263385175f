//! The comparison of the fields of a payload.

use std::collections::BTreeSet;

use super::changes::{Changes, Class};
use super::locked::{FieldFact, Fields};
use super::types::{compare_types, widens};

pub(super) fn compare_fields(event: &str, old: &Fields, new: &Fields, changes: &mut Changes) {
    let mut renamed = BTreeSet::new();
    for (name, before) in old {
        let of = noun(name);
        if let Some(now) = new.get(name) {
            compare_field(&format!("{event}: {of}"), before, (name, now), changes);
        } else if let Some((new_name, now)) = new.iter().find(|(_, now)| now.aliases.contains(name)) {
            renamed.insert(new_name.clone());
            changes.add(
                Class::ReadersFirst,
                format!("{event}: {of} is now called `{new_name}`, and is read under both names"),
                "older readers look for the old name",
            );
            compare_field(&format!("{event}: {of}"), before, (new_name, now), changes);
        } else if before.optional {
            changes.add(Class::Compatible, format!("{event}: {of} is removed"), "");
        } else {
            changes.add(Class::ReadersFirst, format!("{event}: {of} is removed"), "older readers require it");
        }
    }
    for (name, now) in new.iter().filter(|(name, _)| !old.contains_key(*name) && !renamed.contains(*name)) {
        add_new(event, name, now, old, new, changes);
    }
}

fn noun(name: &str) -> String {
    if name.is_empty() { "the payload".to_owned() } else { format!("field `{name}`") }
}

fn compare_field(field: &str, before: &FieldFact, (name, now): (&str, &FieldFact), changes: &mut Changes) {
    for alias in before.aliases.iter().filter(|alias| *alias != name && !now.aliases.contains(alias)) {
        changes.add(
            Class::NeedsUpcaster,
            format!("{field} is not read under the name `{alias}` anymore"),
            format!("stored events may contain it; keep `#[serde(alias = \"{alias}\")]`"),
        );
    }
    compare_types(field, &before.ty, &now.ty, changes);
    // If the field has become an `Option` or is no longer an `Option`, the comparison of the types has already reported
    // it.
    if before.ty.ends_with('?') != now.ty.ends_with('?') {
        return;
    }
    if before.optional && !now.optional {
        changes.add(
            Class::NeedsUpcaster,
            format!("{field} is now required"),
            "stored events may lack it; keep it optional, or add `#[serde(default)]`",
        );
    } else if !before.optional && now.optional {
        changes.add(Class::ReadersFirst, format!("{field} is now optional"), "older readers require it");
    }
}

fn add_new(event: &str, name: &str, now: &FieldFact, old: &Fields, new: &Fields, changes: &mut Changes) {
    let of = noun(name);
    if now.optional {
        return changes.add(Class::Compatible, format!("{event}: {of} is new and optional"), "");
    }
    let removed = old.iter().find(|(old_name, before)| !new.contains_key(*old_name) && before.ty == now.ty);
    let remedy = match removed {
        Some((removed, _)) if !removed.is_empty() && !name.is_empty() => format!(
            "stored events do not have it; if it is the field `{removed}` under a new name, add `#[serde(alias = \"{removed}\")]`"
        ),
        _ => "stored events do not have it; make it an `Option`, add `#[serde(default)]`, or give the event a new type and \
              read the old one with `from(…)`"
            .to_owned(),
    };
    changes.add(Class::NeedsUpcaster, format!("{event}: {of} is new and required"), remedy);
}

/// Returns whether a retired payload type can read payloads with the locked fields. The type may omit some of these
/// fields.
pub(super) fn reads(retired: &Fields, locked: &Fields) -> bool {
    let find = |name: &String, now: &FieldFact| {
        locked.get(name).or_else(|| now.aliases.iter().find_map(|alias| locked.get(alias)))
    };
    retired.iter().all(|(name, now)| match find(name, now) {
        Some(before) => {
            (before.ty == now.ty || widens(&before.ty, &now.ty) || now.ty.strip_suffix('?') == Some(&before.ty))
                && (now.optional || !before.optional)
        }
        None => now.optional,
    })
}
