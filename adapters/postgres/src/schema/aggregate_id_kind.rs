/// The type of the column `aggregate_id`, which determines how ids are sent and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AggregateIdKind {
    /// `UUID`, sent as 16 bytes.
    Uuid,
    /// `TEXT` or `VARCHAR`, with the maximum number of characters, if there is one.
    Text { length: Option<usize> },
    /// Any other type that has a text form, with the name of the type.
    Other { name: String },
}
