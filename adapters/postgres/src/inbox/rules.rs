use castore_core::inbox::{AgeUnit, InboxRules};

use crate::schema::NAME_RULES;

/// What a table of Postgres can store.
pub(super) const RULES: InboxRules = InboxRules {
    engine: "Postgres",
    names: NAME_RULES,
    nul_in_text: false,
    age_unit: AgeUnit::Microseconds,
    // A thousand years: Postgres has no dates for much longer ages.
    longest_age: 1_000_000 * 1000 * 365 * 24 * 60 * 60,
};
