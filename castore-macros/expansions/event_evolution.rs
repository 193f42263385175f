mod __pokemon_event_type {
    /// The event types of [`PokemonEvent`](super::PokemonEvent).
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
    pub enum PokemonEventType {
        /// `APPEARED_V3`, also read from `APPEARED`, `APPEARED_V2`
        Appeared,
        /// `CAUGHT_BY_TRAINER`, also read from `CAUGHT`
        Caught,
        /// `LEVELED`, also read from `TRAINED`
        Leveled,
        /// `DROPPED`
        Dropped,
        /// All event types that are not declared.
        Unknown,
    }
    #[automatically_derived]
    impl ::castore::EventType for PokemonEventType {
        const ALL: &'static [Self] = &[
            Self::Appeared,
            Self::Caught,
            Self::Leveled,
            Self::Dropped,
        ];
        fn as_str(self) -> &'static str {
            match self {
                Self::Appeared => "APPEARED_V3",
                Self::Caught => "CAUGHT_BY_TRAINER",
                Self::Leveled => "LEVELED",
                Self::Dropped => "DROPPED",
                Self::Unknown => "__OTHER__",
            }
        }
        const OTHER: ::core::option::Option<Self> = ::core::option::Option::Some(
            Self::Unknown,
        );
        const RETIRED: &'static [&'static str] = &["CAUGHT_OR_STOLEN"];
        fn retired_names(self) -> &'static [&'static str] {
            #[allow(unreachable_patterns)]
            match self {
                Self::Appeared => &["APPEARED", "APPEARED_V2"],
                Self::Caught => &["CAUGHT"],
                Self::Leveled => &["TRAINED"],
                _ => &[],
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for PokemonEventType {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.pad(::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl ::core::str::FromStr for PokemonEventType {
        type Err = ::castore::event::ParseEventTypeError;
        fn from_str(
            __text: &str,
        ) -> ::core::result::Result<Self, ::castore::event::ParseEventTypeError> {
            ::castore::__private::parse_event_type(__text)
        }
    }
    #[automatically_derived]
    impl ::castore::__private::serde::Serialize for PokemonEventType {
        fn serialize<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            __serializer.serialize_str(::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl<'de> ::castore::__private::serde::Deserialize<'de> for PokemonEventType {
        fn deserialize<__D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::castore::__private::deserialize_text(__deserializer)
        }
    }
}
#[allow(unused_imports)]
pub use __pokemon_event_type::PokemonEventType;
#[allow(deprecated, trivial_bounds, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::castore::__private::serde as __serde;
    #[allow(unused_imports)]
    use ::castore::__private::RejectedMirror as _;
    #[allow(unused_imports)]
    use ::castore::__private::Unprobed as _;
    const __PAYLOADS: bool = {
        ::castore::__private::is_payload::<String>();
        ::castore::__private::is_payload::<Caught>();
        ::castore::__private::is_payload::<Leveled>();
        ::castore::__private::is_payload::<Dropped>();
        ::castore::__private::is_payload::<
            Retired<
                ::castore::__private::Checked<
                    Dropped,
                    { ::castore::__private::is_payload::<Dropped>() },
                >,
            >,
        >();
        true
    };
    type __Valid = ::castore::__private::Checked<(), __PAYLOADS>;
    #[derive(__serde::Serialize, __serde::Deserialize)]
    #[serde(
        crate = "__serde",
        remote = "PokemonEvent",
        bound(
            serialize = "__Valid: __serde::Serialize",
            deserialize = "__Valid: __serde::Deserialize<'de>"
        )
    )]
    enum __Mirror {
        #[serde(rename = "APPEARED_V3")]
        Appeared { name: String },
        #[serde(rename = "CAUGHT_BY_TRAINER")]
        Caught(Caught),
        #[serde(rename = "LEVELED")]
        Leveled(Leveled),
        #[serde(rename = "DROPPED")]
        Dropped(Retired<Dropped>),
        #[serde(skip)]
        Unknown(UnknownEvent),
    }
    #[automatically_derived]
    impl ::castore::Event for PokemonEvent
    where
        __Valid: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync,
    {
        type EventType = __pokemon_event_type::PokemonEventType;
        const DESCRIPTION: ::castore::__private::Described = ::castore::__private::Described::new(
            "PokemonEvent",
            "events\n<CAUGHT_OR_STOLEN\tCaughtOrStolen\t0\n|APPEARED_V3\tAppeared\t{}\n.name\t\tString\t*\n<APPEARED\tAppearedV1\t1\n<APPEARED_V2\tAppearedV2\t2\n|CAUGHT_BY_TRAINER\tCaught\n=Caught\t3\n<CAUGHT\n|LEVELED\tLeveled\n=Leveled\t4\n<TRAINED\tTrained\t5\n|DROPPED\tDropped\n=Retired<Dropped>\t6",
            &[
                ::castore::__private::probe!(CaughtOrStolen),
                ::castore::__private::probe!(AppearedV1),
                ::castore::__private::probe!(AppearedV2),
                ::castore::__private::probe!(Caught),
                ::castore::__private::probe!(Leveled),
                ::castore::__private::probe!(Trained),
                ::castore::__private::probe!(Retired < Dropped >),
            ],
        );
        fn event_type(&self) -> __pokemon_event_type::PokemonEventType {
            match self {
                Self::Appeared { .. } => __pokemon_event_type::PokemonEventType::Appeared,
                Self::Caught(..) => __pokemon_event_type::PokemonEventType::Caught,
                Self::Leveled(..) => __pokemon_event_type::PokemonEventType::Leveled,
                Self::Dropped(..) => __pokemon_event_type::PokemonEventType::Dropped,
                Self::Unknown(..) => __pokemon_event_type::PokemonEventType::Unknown,
            }
        }
        fn serialize_tagged<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            match self {
                Self::Unknown(__other) => __other.serialize_tagged(__serializer),
                #[allow(unreachable_patterns)]
                __declared => __Mirror::serialize(__declared, __serializer),
            }
        }
        fn deserialize_tagged<'de, __D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            __Mirror::deserialize(__deserializer)
        }
        const READS_OTHERS: bool = true;
        fn type_name(&self) -> &str {
            match self {
                Self::Unknown(__other) => __other.event_type(),
                #[allow(unreachable_patterns)]
                __declared => {
                    ::castore::EventType::as_str(
                        ::castore::Event::event_type(__declared),
                    )
                }
            }
        }
        fn deserialize_other<'de, __D: ::castore::__private::serde::Deserializer<'de>>(
            __other: ::castore::__private::OtherType<'_, __D>,
        ) -> ::core::result::Result<
            Self,
            ::castore::__private::ReadEventError<__D::Error>,
        > {
            match __other.event_type() {
                "APPEARED" => {
                    let __old = __other.read::<AppearedV1>()?;
                    let __old = <AppearedV2 as ::castore::event::UpcastFrom<
                        AppearedV1,
                    >>::upcast(__old)?;
                    ::castore::__private::same_variant(
                        <Self as ::castore::event::UpcastFrom<
                            AppearedV2,
                        >>::upcast(__old)?,
                        __pokemon_event_type::PokemonEventType::Appeared,
                    )
                }
                "APPEARED_V2" => {
                    let __old = __other.read::<AppearedV2>()?;
                    ::castore::__private::same_variant(
                        <Self as ::castore::event::UpcastFrom<
                            AppearedV2,
                        >>::upcast(__old)?,
                        __pokemon_event_type::PokemonEventType::Appeared,
                    )
                }
                "CAUGHT" => __other.read_as("CAUGHT_BY_TRAINER"),
                "TRAINED" => {
                    let __old = __other.read::<Trained>()?;
                    ::core::result::Result::Ok(
                        Self::Leveled(
                            <Leveled as ::castore::event::UpcastFrom<
                                Trained,
                            >>::upcast(__old)?,
                        ),
                    )
                }
                "CAUGHT_OR_STOLEN" => {
                    let __old = __other.read::<CaughtOrStolen>()?;
                    ::core::result::Result::Ok(
                        <Self as ::castore::event::UpcastFrom<
                            CaughtOrStolen,
                        >>::upcast(__old)?,
                    )
                }
                _ => __other.keep().map(Self::Unknown),
            }
        }
    }
};
