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
    for variant in &event.variants {
        let rules = FieldRules::of_variant(&variant.source.attrs, &entries);
        description.variant(&variant.event_type, variant.source, &rules, |ty| without_self(ty, ident));
    }
    description
}
