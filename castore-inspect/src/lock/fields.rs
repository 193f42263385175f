//! The comparison of the fields of a payload.

use std::collections::BTreeSet;

use super::changes::{Changes, Class};
use super::locked::{FieldFact, Fields};

pub(super) fn compare_fields(event: &str, old: &Fields, new: &Fields, changes: &mut Changes) {
    let mut renamed = BTreeSet::new();
    for (name, before) in old {
        let of = noun(name);
        if let Some(now) = new.get(name) {
            compare_field(&format!("{event}: {of}"), before, now, changes);
        } else if let Some((new_name, now)) = new.iter().find(|(_, now)| now.aliases.contains(name)) {
            renamed.insert(new_name.clone());
            changes.add(
                Class::ReadersFirst,
                format!("{event}: {of} is now called `{new_name}`, and is read under both names"),
                "older readers look for the old name",
            );
            compare_field(&format!("{event}: {of}"), before, now, changes);
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

fn compare_field(field: &str, before: &FieldFact, now: &FieldFact, changes: &mut Changes) {
    if before.ty != now.ty {
        let fact = format!("{field} changes its type from {} to {}", before.ty, now.ty);
        if widens(&before.ty, &now.ty) {
            changes.add(Class::ReadersFirst, fact, "older readers cannot read all of the new values");
        } else {
            changes.add(
                Class::NeedsUpcaster,
                fact,
                "stored events contain the old type; give the event a new type, and read the old one with `from(…)`",
            );
        }
    } else if before.optional && !now.optional {
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

/// Returns whether every value of the old type is a value of the new one.
fn widens(old: &str, new: &str) -> bool {
    const UNSIGNED: [&str; 5] = ["u8", "u16", "u32", "u64", "u128"];
    const SIGNED: [&str; 5] = ["i8", "i16", "i32", "i64", "i128"];
    let at = |list: &[&str], name: &str| list.iter().position(|one| *one == name);
    let grows =
        |from: &[&str], to: &[&str]| matches!((at(from, old), at(to, new)), (Some(old), Some(new)) if old < new);
    let is_float = old == "f32" && new == "f64";
    grows(&UNSIGNED, &UNSIGNED)
        || grows(&SIGNED, &SIGNED)
        || grows(&UNSIGNED, &SIGNED)
        || is_float
        || new.strip_suffix('?') == Some(old)
}

/// Returns whether a retired payload can read payloads with the locked fields. It may omit fields.
pub(super) fn reads(retired: &Fields, locked: &Fields) -> bool {
    retired.iter().all(|(name, now)| match locked.get(name) {
        Some(before) => (before.ty == now.ty || widens(&before.ty, &now.ty)) && (now.optional || !before.optional),
        None => now.optional,
    })
}
