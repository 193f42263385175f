/// Generates methods of a [`Serializer`](serde::Serializer) that return `$rejected`: the methods for scalars other than
/// text, for absent values and for sequences, and the methods that are listed in the call.
macro_rules! reject_values {
    (@each $rejected:expr; $($method:ident($($argument:ty),*) -> $part:ident;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<Self::$part, Self::Error> {
            $rejected
        })*
    };
    ($rejected:expr; $($more:tt)*) => {
        $crate::reject_values::reject_values! {
            @each $rejected;
            serialize_bool(bool) -> Ok;
            serialize_i8(i8) -> Ok;
            serialize_i16(i16) -> Ok;
            serialize_i32(i32) -> Ok;
            serialize_i64(i64) -> Ok;
            serialize_u8(u8) -> Ok;
            serialize_u16(u16) -> Ok;
            serialize_u32(u32) -> Ok;
            serialize_u64(u64) -> Ok;
            serialize_f32(f32) -> Ok;
            serialize_f64(f64) -> Ok;
            serialize_char(char) -> Ok;
            serialize_bytes(&[u8]) -> Ok;
            serialize_none() -> Ok;
            serialize_unit() -> Ok;
            serialize_seq(Option<usize>) -> SerializeSeq;
            serialize_tuple(usize) -> SerializeTuple;
            serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
            $($more)*
        }
    };
}

pub(crate) use reject_values;
