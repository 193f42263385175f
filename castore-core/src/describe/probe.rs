//! The lookup of the shape of a type in generated code.

/// Returns the shape of a type as an `Option<Lazy>`: the shape from `Shape`, or `None`. The trait `Unprobed`, which
/// provides the `None`, must be in scope.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __probe {
    ($ty:ty) => {
        $crate::describe::Probe::<$ty>::SHAPE
    };
}

/// Returns the shape of a type as an `Option<Lazy>`: the shape from `Shape`, the shape from `schemars::JsonSchema`, or
/// `None`. The trait `Unprobed`, which marks types that do not implement `Shape`, must be in scope.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! __probe {
    ($ty:ty) => {
        const {
            match $crate::describe::Probe::<$ty>::SHAPE {
                ::core::option::Option::None => {
                    #[allow(unused_imports)]
                    use $crate::describe::WithoutSchema as _;
                    $crate::describe::SchemaProbe::<$ty>::SHAPE
                }
                __shape => __shape,
            }
        }
    };
}
