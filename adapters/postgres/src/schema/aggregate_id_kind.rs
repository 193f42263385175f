/// The type of the column `aggregate_id`, which decides how ids are sent and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AggregateIdKind {
    /// Sent as 16 bytes.
    Uuid,
    /// `TEXT` or `VARCHAR`, with the greatest number of characters.
    Text { length: Option<usize> },
    /// Anything else that has a text form; the name of the type.
    Other { name: String },
}
