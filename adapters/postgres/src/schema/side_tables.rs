use super::Table;

/// Tables of this crate beside the event table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SideTables {
    /// The purpose of the tables, for error texts.
    pub(crate) what: &'static str,
    /// The SQL that creates the missing tables beside an event table.
    pub(crate) create: fn(&Table) -> String,
}
