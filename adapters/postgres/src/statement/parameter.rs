use std::borrow::Cow;

use tokio_postgres::types::{ToSql, Type};

/// A parameter of a statement, with its SQL type.
///
/// A statement without a name is sent together with its parameters, so the client cannot first request the types of the
/// parameters from the server.
pub(crate) trait Parameter: Sync {
    fn sql_type(&self) -> Type;

    fn value(&self) -> &(dyn ToSql + Sync);
}

/// Implements [`Parameter`] for types that always have the same type in SQL.
macro_rules! parameters {
    ($($rust:ty => $sql:ident;)*) => { $(
        impl $crate::statement::Parameter for $rust {
            fn sql_type(&self) -> tokio_postgres::types::Type {
                tokio_postgres::types::Type::$sql
            }

            fn value(&self) -> &(dyn tokio_postgres::types::ToSql + Sync) {
                self
            }
        }
    )* };
}
pub(crate) use parameters;

parameters! {
    &str => TEXT;
    String => TEXT;
    Cow<'_, str> => TEXT;
    Option<String> => TEXT;
    bool => BOOL;
    i16 => INT2;
    i64 => INT8;
    Option<i64> => INT8;
    u32 => OID;
    &[&str] => TEXT_ARRAY;
    Vec<&str> => TEXT_ARRAY;
    Vec<String> => TEXT_ARRAY;
    Vec<bool> => BOOL_ARRAY;
    Vec<i32> => INT4_ARRAY;
    Vec<i64> => INT8_ARRAY;
}
