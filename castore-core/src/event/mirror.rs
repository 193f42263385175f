/// The serde half of a generated `Event`: by way of the hidden mirror enum, whose serde derive does the work.
#[doc(hidden)]
#[macro_export]
macro_rules! event_through_mirror {
    ($mirror:ident) => {
        fn serialize_tagged<S: $crate::__private::serde::Serializer>(
            &self,
            serializer: S,
        ) -> ::core::result::Result<S::Ok, S::Error> {
            $mirror::serialize(self, serializer)
        }
        fn deserialize_tagged<'de, D: $crate::__private::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::core::result::Result<Self, D::Error> {
            $mirror::deserialize(deserializer)
        }
    };
}

/// The serde half of an `Event` that was generated beside errors: it never runs.
#[doc(hidden)]
#[macro_export]
macro_rules! event_with_errors {
    () => {
        fn serialize_tagged<S: $crate::__private::serde::Serializer>(
            &self,
            _: S,
        ) -> ::core::result::Result<S::Ok, S::Error> {
            ::core::result::Result::Err($crate::__private::serde::ser::Error::custom("the event enum has errors"))
        }
        fn deserialize_tagged<'de, D: $crate::__private::serde::Deserializer<'de>>(
            _: D,
        ) -> ::core::result::Result<Self, D::Error> {
            ::core::result::Result::Err($crate::__private::serde::de::Error::custom("the event enum has errors"))
        }
    };
}
