mod __pokemon_event_type {
    /// The event types of [`PokemonEvent`](super::PokemonEvent).
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
    pub enum PokemonEventType {
        /// `APPEARED`
        Appeared,
        /// `CAUGHT_BY_TRAINER`
        Caught,
        /// `LEVELED_UP`
        LeveledUp,
    }
    #[automatically_derived]
    impl ::castore::EventType for PokemonEventType {
        const ALL: &'static [Self] = &[Self::Appeared, Self::Caught, Self::LeveledUp];
        fn as_str(self) -> &'static str {
            match self {
                Self::Appeared => "APPEARED",
                Self::Caught => "CAUGHT_BY_TRAINER",
                Self::LeveledUp => "LEVELED_UP",
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
        ::castore::__private::is_payload::<u32>();
        ::castore::__private::is_payload::<CaughtByTrainer>();
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
        #[serde(rename = "APPEARED")]
        Appeared { name: String, level: u32 },
        #[serde(rename = "CAUGHT_BY_TRAINER")]
        Caught(CaughtByTrainer),
        #[serde(rename = "LEVELED_UP")]
        LeveledUp,
    }
    #[automatically_derived]
    impl ::castore::Event for PokemonEvent
    where
        __Valid: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync,
    {
        type EventType = __pokemon_event_type::PokemonEventType;
        const DESCRIPTION: ::castore::__private::Described = ::castore::__private::Described::new(
            "PokemonEvent",
            "events\n|APPEARED\tAppeared\t{}\n.name\t\tString\t*\n.level\t\tu32\t*\n|CAUGHT_BY_TRAINER\tCaught\n=CaughtByTrainer\t0\n|LEVELED_UP\tLeveledUp",
            &[::castore::__private::probe!(CaughtByTrainer)],
        );
        fn event_type(&self) -> __pokemon_event_type::PokemonEventType {
            match self {
                Self::Appeared { .. } => __pokemon_event_type::PokemonEventType::Appeared,
                Self::Caught(..) => __pokemon_event_type::PokemonEventType::Caught,
                Self::LeveledUp => __pokemon_event_type::PokemonEventType::LeveledUp,
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
