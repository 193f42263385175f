//! The description of an event enum.

use super::evolution::retired_type::RetiredType;
use super::model::EventEnum;
use crate::casing;
use crate::describe::{Description, FieldRules};
use crate::generics::without_self;
use crate::serde_attr;

/// Describes the event types, the types in their payloads, and the retired event types. The variant for undeclared
/// event types is omitted.
pub(super) fn describe(event: &EventEnum<'_>) -> Description {
    let ident = event.ident();
    let mut description = Description::new(casing::text(ident), "events");
    let entries = serde_attr::entries(event.attrs());
    event.from.iter().for_each(|retired| add_retired(&mut description, retired, event));
    for variant in event.declared() {
        let rules = FieldRules::of_variant(&variant.source.attrs, &entries);
        description.variant(&variant.event_type, variant.source, &rules, |ty| without_self(ty, ident));
        variant.from.iter().for_each(|retired| add_retired(&mut description, retired, event));
    }
    description
}

/// Describes a retired event type. The description contains the stored payload, which is the first type of the
/// conversion.
fn add_retired(description: &mut Description, retired: &RetiredType, event: &EventEnum<'_>) {
    let payload = retired.payloads.first().map(|ty| without_self(ty, event.ident()));
    description.retired(&retired.name.value(), payload.as_ref());
}
