use castore_core::inbox::{AgeUnit, InboxRules};

use crate::schema::NAME_RULES;

/// The rules for the names, ids and ages that an inbox in Postgres can store.
pub(super) const RULES: InboxRules = InboxRules {
    engine: "Postgres",
    names: NAME_RULES,
    nul_in_text: false,
    age_unit: AgeUnit::Microseconds,
    // One thousand years: Postgres cannot represent dates much further back.
    longest_age: 1_000_000 * 1000 * 365 * 24 * 60 * 60,
};
