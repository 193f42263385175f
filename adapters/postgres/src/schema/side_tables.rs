/// Tables of this crate beside the event table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SideTables {
    /// The purpose of the tables, for error texts.
    pub(crate) what: &'static str,
    /// Returns the SQL that creates the missing tables beside an event table. The arguments are the quoted schema, and
    /// the qualified, quoted name of the snapshot table.
    pub(crate) create: fn(&str, &str) -> String,
}
