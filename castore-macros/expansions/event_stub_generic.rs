mod __change_type {
    /// The event types of [`Change`](super::Change).
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    #[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    #[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
    pub(super) enum ChangeType {
        /// `Set`
        Set,
        /// `Get`
        Get,
    }
    #[automatically_derived]
    impl ::castore::EventType for ChangeType {
        const ALL: &'static [Self] = &[Self::Set, Self::Get];
        fn as_str(self) -> &'static str {
            match self {
                Self::Set => "Set",
                Self::Get => "Get",
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for ChangeType {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.pad(::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl ::core::str::FromStr for ChangeType {
        type Err = ::castore::event::ParseEventTypeError;
        fn from_str(
            __text: &str,
        ) -> ::core::result::Result<Self, ::castore::event::ParseEventTypeError> {
            ::castore::__private::parse_event_type(__text)
        }
    }
    #[automatically_derived]
    impl ::castore::__private::serde::Serialize for ChangeType {
        fn serialize<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            __serializer.serialize_str(::castore::EventType::as_str(*self))
        }
    }
    #[automatically_derived]
    impl<'de> ::castore::__private::serde::Deserialize<'de> for ChangeType {
        fn deserialize<__D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::castore::__private::deserialize_text(__deserializer)
        }
    }
}
#[allow(unused_imports)]
use __change_type::ChangeType;
#[allow(deprecated, unused_variables)]
const _: () = {
    #[automatically_derived]
    impl<
        T: Into<&'static str> + ::core::clone::Clone + ::core::marker::Send
            + ::core::marker::Sync + 'static,
        const N: usize,
    > ::castore::Event for Change<'static, T, N>
    where
        T: Ord,
    {
        type EventType = __change_type::ChangeType;
        fn event_type(&self) -> __change_type::ChangeType {
            match self {
                Self::Set(..) => __change_type::ChangeType::Set,
                Self::Get(..) => __change_type::ChangeType::Get,
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
    "event enum `Change` is generic; write concrete types instead of the parameters"
}
