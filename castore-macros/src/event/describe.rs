//! The description of an event enum.

use super::model::EventEnum;
use crate::casing;
use crate::describe::{Description, FieldRules};
use crate::generics::without_self;
use crate::serde_attr;

/// Describes the event types, their payloads and the types inside.
pub(super) fn describe(event: &EventEnum<'_>) -> Description {
    let ident = event.ident();
    let mut description = Description::new(casing::text(ident), "events");
    let entries = serde_attr::entries(event.attrs());
    for (number, variant) in event.declared().enumerate() {
        let rules = FieldRules::of_variant(&variant.source.attrs, &entries);
        description.variant(&variant.event_type, variant.source, &rules, |ty| without_self(ty, ident));
        // The retired types of the enum may become any variant, so they are described with the first one.
        let of_enum = if number == 0 { event.from.as_slice() } else { &[] };
        for retired in variant.from.iter().chain(of_enum) {
            description.retired(&retired.name.value(), retired.payloads.first());
        }
    }
    description
}
