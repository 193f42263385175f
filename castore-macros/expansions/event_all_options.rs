/// The event types of [`Everything`].
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
::game::castore::__private::event_type_text!(EverythingType);
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
#[allow(deprecated, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::game::castore::__private::serde as __serde;
    ::game::castore::__private::assert_payload::<Option<String>>();
    ::game::castore::__private::assert_payload::<Vec<Everything>>();
    #[derive(__serde::Serialize, __serde::Deserialize)]
    #[serde(
        crate = "__serde",
        remote = "Everything",
        rename_all_fields = "camelCase",
        deny_unknown_fields
    )]
    enum __Everything {
        #[serde(rename = "fields")]
        #[serde(rename_all = "PascalCase")]
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
        #[serde(rename = "by-hand")]
        #[serde(with = "by_hand")]
        ByHand(Instant),
        #[serde(rename = "a")]
        Empty {},
    }
    #[automatically_derived]
    impl ::game::castore::Event for Everything {
        type EventType = EverythingType;
        fn event_type(&self) -> EverythingType {
            match self {
                Self::Fields { .. } => EverythingType::Fields,
                Self::Nested(..) => EverythingType::Nested,
                Self::ByHand(..) => EverythingType::ByHand,
                Self::Empty { .. } => EverythingType::Empty,
            }
        }
        ::game::castore::__private::event_through_mirror!(__Everything);
    }
};
