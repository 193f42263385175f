mod __type_type {
    /// The event types of [`Type`](super::Type).
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
    pub(super) enum TypeType {
        /// `Move`
        r#Move,
        /// `Struct`
        r#Struct,
        /// `Match`
        r#Match,
    }
    #[automatically_derived]
    impl ::castore::EventType for TypeType {
        const ALL: &'static [Self] = &[Self::r#Move, Self::r#Struct, Self::r#Match];
        fn as_str(self) -> &'static str {
            match self {
                Self::r#Move => "Move",
                Self::r#Struct => "Struct",
                Self::r#Match => "Match",
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for TypeType {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.pad(::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl ::core::str::FromStr for TypeType {
        type Err = ::castore::event::ParseEventTypeError;
        fn from_str(
            __text: &str,
        ) -> ::core::result::Result<Self, ::castore::event::ParseEventTypeError> {
            ::castore::__private::parse_event_type(__text)
        }
    }
    #[automatically_derived]
    impl ::castore::__private::serde::Serialize for TypeType {
        fn serialize<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            __serializer.serialize_str(::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl<'de> ::castore::__private::serde::Deserialize<'de> for TypeType {
        fn deserialize<__D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::castore::__private::deserialize_text(__deserializer)
        }
    }
}
#[allow(unused_imports)]
use __type_type::TypeType;
#[allow(deprecated, trivial_bounds, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::castore::__private::serde as __serde;
    #[allow(unused_imports)]
    use ::castore::__private::RejectedMirror as _;
    #[allow(unused_imports)]
    use ::castore::__private::Unprobed as _;
    const __PAYLOADS: bool = {
        ::castore::__private::is_payload::<u32>();
        ::castore::__private::is_payload::<r#Enum>();
        true
    };
    type __Valid = ::castore::__private::Checked<(), __PAYLOADS>;
    #[derive(__serde::Serialize, __serde::Deserialize)]
    #[serde(
        crate = "__serde",
        remote = "r#Type",
        bound(
            serialize = "__Valid: __serde::Serialize",
            deserialize = "__Valid: __serde::Deserialize<'de>"
        )
    )]
    enum __Mirror {
        #[serde(rename = "Move")]
        r#Move { r#fn: u32 },
        #[serde(rename = "Struct")]
        r#Struct(r#Enum),
        #[serde(rename = "Match")]
        r#Match,
    }
    #[automatically_derived]
    impl ::castore::Event for r#Type
    where
        __Valid: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync,
    {
        type EventType = __type_type::TypeType;
        const DESCRIPTION: ::castore::__private::Described = ::castore::__private::Described::new(
            "Type",
            "events\n|Move\tMove\t{}\n.fn\t\tu32\t*\n|Struct\tStruct\n=r#Enum\t0\n|Match\tMatch",
            &[::castore::__private::probe!(r#Enum)],
        );
        fn event_type(&self) -> __type_type::TypeType {
            match self {
                Self::r#Move { .. } => __type_type::TypeType::r#Move,
                Self::r#Struct(..) => __type_type::TypeType::r#Struct,
                Self::r#Match => __type_type::TypeType::r#Match,
            }
        }
        fn serialize_tagged<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            __Mirror::serialize(self, __serializer)
        }
        fn deserialize_tagged<'de, __D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            __Mirror::deserialize(__deserializer)
        }
    }
};
