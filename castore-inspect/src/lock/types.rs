//! The comparison of types. It reports the innermost part that has changed.

use super::changes::{Changes, Class};
use super::fields::compare_fields;
use super::locked::{fields_of_shape, split};

/// Compares the old and the new shape of a value. `place` is the name of the value in the report.
pub(super) fn compare_types(place: &str, before: &str, now: &str, changes: &mut Changes) {
    if before == now {
        return;
    }
    if widens(before, now) {
        return changes.add(
            Class::ReadersFirst,
            changed(place, before, now),
            "older readers cannot read all of the new values",
        );
    }
    match (before.strip_suffix('?'), now.strip_suffix('?')) {
        (Some(before), Some(now)) => return compare_types(place, before, now, changes),
        (None, Some(inner)) if before == inner => {
            return changes.add(Class::ReadersFirst, changed(place, before, now), "older readers cannot read `null`");
        }
        _ => {}
    }
    if let (Some(before), Some(now)) = (inside(before, "{*: ", "}"), inside(now, "{*: ", "}")) {
        return compare_types(&format!("{place}, in each value"), before, now, changes);
    }
    if let (Some(before), Some(now)) = (inside(before, "[", "]"), inside(now, "[", "]")) {
        return compare_types(&format!("{place}, in each element"), before, now, changes);
    }
    if let (Some(before), Some(now)) = (fields_of_shape(before), fields_of_shape(now)) {
        return compare_fields(place, &before, &now, changes);
    }
    if let (Some(before), Some(now)) = (inside(before, "(", ")"), inside(now, "(", ")")) {
        let (before, now) = (split(before, ','), split(now, ','));
        if before.len() == now.len() {
            for (index, (before, now)) in before.iter().zip(&now).enumerate() {
                compare_types(&format!("{place}, in element {index}"), before, now, changes);
            }
            return;
        }
    }
    if let (Some(before), Some(now)) = (variants_of(before), variants_of(now))
        && before.tagging == now.tagging
    {
        return compare_variants(place, &before, &now, changes);
    }
    changes.add(
        Class::NeedsUpcaster,
        changed(place, before, now),
        "stored events contain the old type; give the event a new type, and read the old one with `from(…)`",
    );
}

fn changed(place: &str, before: &str, now: &str) -> String {
    format!("{place} changes its type from {before} to {now}")
}

fn inside<'a>(shape: &'a str, open: &str, close: &str) -> Option<&'a str> {
    shape.strip_prefix(open)?.strip_suffix(close)
}

/// The parts of an enum shape, for example `kind<tackle | bolt{power: u8}>`.
struct Variants<'a> {
    tagging: &'a str,
    /// The name and the content of each variant.
    variants: Vec<(&'a str, &'a str)>,
}

/// Reads the variants of an enum from its shape. Returns `None` if the shape is not an enum.
fn variants_of(shape: &str) -> Option<Variants<'_>> {
    let (tagging, variants) = shape.strip_suffix('>')?.split_once('<')?;
    let variants = split(variants, '|').into_iter().map(|variant| {
        let end = variant.find(['{', '(']).unwrap_or(variant.len());
        variant.split_at(end)
    });
    Some(Variants { tagging, variants: variants.collect() })
}

fn compare_variants(place: &str, before: &Variants<'_>, now: &Variants<'_>, changes: &mut Changes) {
    let find = |variants: &Variants<'_>, name: &str| variants.variants.iter().position(|(other, _)| *other == name);
    for (name, content) in &before.variants {
        let Some(index) = find(now, name) else {
            changes.add(
                Class::NeedsUpcaster,
                format!("{place}: variant `{name}` is removed"),
                format!("stored events may contain it; keep it, or add `#[serde(alias = \"{name}\")]` to the variant that replaces it"),
            );
            continue;
        };
        let place = format!("{place}, in variant `{name}`");
        match (*content, now.variants[index].1) {
            (before, now) if before.is_empty() != now.is_empty() => changes.add(
                Class::NeedsUpcaster,
                format!("{place}: the content changes from {} to {}", or_none(before), or_none(now)),
                "stored events contain the old content; keep the variant, and add another one",
            ),
            (before, now) => compare_types(&place, before, now, changes),
        }
    }
    for (name, _) in now.variants.iter().filter(|(name, _)| find(before, name).is_none()) {
        changes.add(Class::ReadersFirst, format!("{place}: variant `{name}` is new"), "older readers do not know it");
    }
}

fn or_none(content: &str) -> &str {
    if content.is_empty() { "none" } else { content }
}

/// Returns whether both are number types and the new type is a wider one that contains every value of the old type. No
/// integer type counts as narrower than a float type.
pub(super) fn widens(old: &str, new: &str) -> bool {
    const UNSIGNED: [&str; 5] = ["u8", "u16", "u32", "u64", "u128"];
    const SIGNED: [&str; 5] = ["i8", "i16", "i32", "i64", "i128"];
    let at = |list: &[&str], name: &str| list.iter().position(|one| *one == name);
    let grows =
        |from: &[&str], to: &[&str]| matches!((at(from, old), at(to, new)), (Some(old), Some(new)) if old < new);
    grows(&UNSIGNED, &UNSIGNED)
        || grows(&SIGNED, &SIGNED)
        || grows(&UNSIGNED, &SIGNED)
        || (old == "f32" && new == "f64")
}

#[cfg(test)]
mod tests {
    use super::super::changes::{Changes, Class};
    use super::compare_types;

    fn found(before: &str, now: &str) -> Vec<(Class, String)> {
        let mut changes = Changes::default();
        compare_types("field `f`", before, now, &mut changes);
        changes.sorted().into_iter().map(|change| (change.class, change.fact)).collect()
    }

    #[track_caller]
    fn assert_one(before: &str, now: &str, class: Class, fact: &str) {
        assert_eq!(found(before, now), [(class, fact.to_owned())]);
    }

    #[test]
    fn new_variant_needs_readers_first() {
        let before = "[kind<tackle | bolt{power: u8}>]";
        assert_one(
            before,
            "[kind<tackle | growl | bolt{power: u8}>]",
            Class::ReadersFirst,
            "field `f`, in each element: variant `growl` is new",
        );
        assert_one(
            before,
            "[kind<bolt{power: u8}>]",
            Class::NeedsUpcaster,
            "field `f`, in each element: variant `tackle` is removed",
        );
        assert_eq!(found("enum<a | b>", "enum<b | a>"), []);
    }

    #[test]
    fn parts_of_variants_are_compared() {
        assert_one(
            "kind<tackle | bolt{power: u8}>",
            "kind<tackle | bolt{power: u16}>",
            Class::ReadersFirst,
            "field `f`, in variant `bolt`: field `power` changes its type from u8 to u16",
        );
        assert_one(
            "enum<at(String, u8)>",
            "enum<at(String, String)>",
            Class::NeedsUpcaster,
            "field `f`, in variant `at`, in element 1 changes its type from u8 to String",
        );
        assert_one(
            "enum<tackle>",
            "enum<tackle(u8)>",
            Class::NeedsUpcaster,
            "field `f`, in variant `tackle`: the content changes from none to (u8)",
        );
    }

    #[test]
    fn fields_of_nested_objects_are_compared() {
        let before = "{home: {street: String}, name: String}?";
        assert_one(
            before,
            "{home: {street: String, town?: String?}, name: String}?",
            Class::Compatible,
            "field `f`: field `home`: field `town` is new and optional",
        );
        assert_one(
            before,
            "{home: {street: String, town: String}, name: String}?",
            Class::NeedsUpcaster,
            "field `f`: field `home`: field `town` is new and required",
        );
        assert_one(
            before,
            "{home: {road|street: String}, name: String}?",
            Class::ReadersFirst,
            "field `f`: field `home`: field `street` is now called `road`, and is read under both names",
        );
        assert_one(
            "{road|street: String}",
            "{street|road: String}",
            Class::ReadersFirst,
            "field `f`: field `road` is now called `street`, and is read under both names",
        );
        assert_one(
            "{road|street: String}",
            "{road: String}",
            Class::NeedsUpcaster,
            "field `f`: field `road` is not read under the name `street` anymore",
        );
        assert_one(
            "{*: {a: u8}}",
            "{*: {a: u16}}",
            Class::ReadersFirst,
            "field `f`, in each value: field `a` changes its type from u8 to u16",
        );
    }

    #[test]
    fn other_changes_need_an_upcaster() {
        assert_one("u32?", "u32", Class::NeedsUpcaster, "field `f` changes its type from u32? to u32");
        assert_one("u32", "u32?", Class::ReadersFirst, "field `f` changes its type from u32 to u32?");
        assert_one("(u8, u8)", "(u8)", Class::NeedsUpcaster, "field `f` changes its type from (u8, u8) to (u8)");
        assert_one("enum<a>", "kind<a>", Class::NeedsUpcaster, "field `f` changes its type from enum<a> to kind<a>");
        assert_one(
            "Foreign (opaque)",
            "Other (opaque)",
            Class::NeedsUpcaster,
            "field `f` changes its type from Foreign (opaque) to Other (opaque)",
        );
        assert_one("[^1]", "[^2]", Class::NeedsUpcaster, "field `f`, in each element changes its type from ^1 to ^2");
    }
}
