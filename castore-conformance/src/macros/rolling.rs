/// Generates one test per program change in [`rolling`](crate::rolling), all using the given
/// [`RollingFactory`](crate::rolling::RollingFactory). The tests are in a module `rolling_conformance`; the arguments
/// are the same as for [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::rolling_conformance!(MyEngine::default());
/// ```
#[macro_export]
macro_rules! rolling_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $crate::__rolling_tests! { [$factory]
                a_type_is_added
                a_field_is_renamed
                a_state_field_is_added
                a_type_is_retired
                a_type_is_split
                a_rust_type_is_renamed
                a_filter_is_widened
            }
        }
    };
    ($factory:expr $(,)?) => {
        $crate::rolling_conformance!(mod rolling_conformance, $factory);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __rolling_tests {
    // The factory is passed as a single token tree, because it is repeated in every test.
    ($factory:tt $($behavior:ident)*) => {
        $($crate::__rolling_test! { $behavior $factory })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __rolling_test {
    ($behavior:ident [$factory:expr]) => {
        #[test]
        fn $behavior() {
            $crate::__private::run(async {
                $crate::rolling::$behavior(&$factory).await;
            });
        }
    };
}
