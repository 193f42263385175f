/// Implements `Display`, `FromStr`, `Serialize` and `Deserialize` of a generated enum of event types, by name.
#[doc(hidden)]
#[macro_export]
macro_rules! event_type_text {
    ($event_type:ident) => {
        #[automatically_derived]
        impl ::core::fmt::Display for $event_type {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad($crate::event::EventType::as_str(*self))
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for $event_type {
            type Err = $crate::event::ParseEventTypeError;
            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                $crate::__private::parse_event_type(text)
            }
        }
        #[automatically_derived]
        impl $crate::__private::serde::Serialize for $event_type {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::event::EventType::as_str(*self))
            }
        }
        #[automatically_derived]
        impl<'de> $crate::__private::serde::Deserialize<'de> for $event_type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::deserialize_text(deserializer)
            }
        }
    };
}
