mod __everything_type {
    /// The event types of [`Everything`](super::Everything).
    #[non_exhaustive]
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
    pub(crate) enum EverythingType {
        /// `fields`
        Fields,
        /// `own name`
        Nested,
        /// `by-hand`
        ByHand,
        /// `a`
        Empty,
    }
    #[automatically_derived]
    impl ::game::castore::EventType for EverythingType {
        const ALL: &'static [Self] = &[
            Self::Fields,
            Self::Nested,
            Self::ByHand,
            Self::Empty,
        ];
        fn as_str(self) -> &'static str {
            match self {
                Self::Fields => "fields",
                Self::Nested => "own name",
                Self::ByHand => "by-hand",
                Self::Empty => "a",
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for EverythingType {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.pad(::game::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl ::core::str::FromStr for EverythingType {
        type Err = ::game::castore::event::ParseEventTypeError;
        fn from_str(
            __text: &str,
        ) -> ::core::result::Result<Self, ::game::castore::event::ParseEventTypeError> {
            ::game::castore::__private::parse_event_type(__text)
        }
    }
    #[automatically_derived]
    impl ::game::castore::__private::serde::Serialize for EverythingType {
        fn serialize<__S: ::game::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            __serializer.serialize_str(::game::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl<'de> ::game::castore::__private::serde::Deserialize<'de> for EverythingType {
        fn deserialize<__D: ::game::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::game::castore::__private::deserialize_text(__deserializer)
        }
    }
}
#[allow(unused_imports)]
pub(crate) use __everything_type::EverythingType;
#[allow(deprecated, trivial_bounds, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::game::castore::__private::serde as __serde;
    #[allow(unused_imports)]
    use ::game::castore::__private::RejectedMirror as _;
    #[allow(unused_imports)]
    use ::game::castore::__private::Unprobed as _;
    const __PAYLOADS: bool = {
        ::game::castore::__private::is_payload::<String>();
        ::game::castore::__private::is_payload::<
            Option<
                ::game::castore::__private::Checked<
                    String,
                    { ::game::castore::__private::is_payload::<String>() },
                >,
            >,
        >();
        ::game::castore::__private::is_payload::<Everything>();
        ::game::castore::__private::is_payload::<
            Vec<
                ::game::castore::__private::Checked<
                    Everything,
                    { ::game::castore::__private::is_payload::<Everything>() },
                >,
            >,
        >();
        true
    };
    type __Valid = ::game::castore::__private::Checked<(), __PAYLOADS>;
    #[derive(__serde::Serialize, __serde::Deserialize)]
    #[serde(
        crate = "__serde",
        remote = "Everything",
        bound(
            serialize = "__Valid: __serde::Serialize",
            deserialize = "__Valid: __serde::Deserialize<'de>"
        ),
        rename_all_fields = "camelCase",
        deny_unknown_fields
    )]
    enum __Mirror {
        #[serde(rename = "fields", rename_all = "PascalCase")]
        Fields {
            #[serde(default, rename = "nick-name")]
            nick: Option<String>,
            #[serde(with = "by_hand")]
            instant: Instant,
            #[serde(skip)]
            cache: Cache,
            again: Option<String>,
        },
        #[serde(rename = "own name")]
        Nested(Vec<Everything>),
        #[serde(rename = "by-hand", with = "by_hand")]
        ByHand(Instant),
        #[serde(rename = "a")]
        Empty {},
    }
    #[automatically_derived]
    impl ::game::castore::Event for Everything
    where
        __Valid: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync,
    {
        type EventType = __everything_type::EverythingType;
        const DESCRIPTION: ::game::castore::__private::Described = ::game::castore::__private::Described::new(
            "Everything",
            "events\n|fields\tFields\t{}\n.nick-name\t?\tOption<String>\t*\n.Instant\t\tInstant\t-\n.Again\t?\tOption<String>\t*\n|own name\tNested\n=Vec<Everything>\t0\n|by-hand\tByHand\n=Instant\t-\n|a\tEmpty\t{}",
            &[::game::castore::__private::probe!(Vec < Everything >)],
        );
        fn event_type(&self) -> __everything_type::EverythingType {
            match self {
                Self::Fields { .. } => __everything_type::EverythingType::Fields,
                Self::Nested(..) => __everything_type::EverythingType::Nested,
                Self::ByHand(..) => __everything_type::EverythingType::ByHand,
                Self::Empty { .. } => __everything_type::EverythingType::Empty,
            }
        }
        fn serialize_tagged<__S: ::game::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            __Mirror::serialize(self, __serializer)
        }
        fn deserialize_tagged<
            'de,
            __D: ::game::castore::__private::serde::Deserializer<'de>,
        >(__deserializer: __D) -> ::core::result::Result<Self, __D::Error> {
            __Mirror::deserialize(__deserializer)
        }
    }
};
