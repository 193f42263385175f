/// Implements the serde methods of a generated `Event` through the hidden mirror enum, which derives serde's traits.
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

/// Implements the serde methods of an `Event` whose derive has reported compile errors. This code never runs.
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
