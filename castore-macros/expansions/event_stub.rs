mod __pokemon_event_type {
    /// The event types of [`PokemonEvent`](super::PokemonEvent).
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
    pub enum PokemonEventType {
        /// `Appeared`
        Appeared,
        /// `Caught`
        Caught,
    }
    #[automatically_derived]
    impl ::castore::EventType for PokemonEventType {
        const ALL: &'static [Self] = &[Self::Appeared, Self::Caught];
        fn as_str(self) -> &'static str {
            match self {
                Self::Appeared => "Appeared",
                Self::Caught => "Caught",
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
#[allow(deprecated, unused_variables)]
const _: () = {
    #[automatically_derived]
    impl ::castore::Event for PokemonEvent {
        type EventType = __pokemon_event_type::PokemonEventType;
        fn event_type(&self) -> __pokemon_event_type::PokemonEventType {
            match self {
                Self::Appeared { .. } => __pokemon_event_type::PokemonEventType::Appeared,
                Self::Caught(..) => __pokemon_event_type::PokemonEventType::Caught,
            }
        }
        fn serialize_tagged<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            loop {}
        }
        fn deserialize_tagged<'de, __D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            loop {}
        }
    }
};
::core::compile_error! {
    "variant `Caught` has 2 unnamed fields, but an event has one payload; name the fields, `Caught { … }`, or put them into a struct, `Caught(CaughtPayload)`"
}
