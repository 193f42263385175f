/// Writes one test per behaviour of [`storage`](crate::storage), all against the [`StorageFactory`] given.
///
/// The tests are plain `#[test]` functions in a module `storage_conformance`, with a module per topic; each builds
/// its own tokio runtime. The factory expression is evaluated anew in every test, in an async context.
///
/// ```ignore
/// castore_conformance::storage_conformance!(MyEngine::default());
/// // With a module name, for several adapters in one file:
/// castore_conformance::storage_conformance!(mod my_engine_with_small_pages, MyEngine { page: 3 });
/// ```
///
/// [`StorageFactory`]: crate::storage::StorageFactory
#[macro_export]
macro_rules! storage_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__storage_behaviours! { [$crate::__storage_tests] [$module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::storage_conformance!(mod storage_conformance, $factory);
    };
}

/// One module per topic, one test per behaviour.
#[doc(hidden)]
#[macro_export]
macro_rules! __storage_tests {
    // The factory goes along as one token tree: it has to stand once in every test.
    ([$module:ident] $factory:tt $($topic:ident: $behaviours:tt)*) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $($crate::__storage_topic! { $topic $factory $behaviours })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __storage_topic {
    ($topic:ident $factory:tt { $($behaviour:ident)* }) => {
        mod $topic {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $($crate::__storage_test! { $topic $behaviour $factory })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __storage_test {
    ($topic:ident $behaviour:ident [$factory:expr]) => {
        #[test]
        fn $behaviour() {
            $crate::__private::run(async {
                $crate::storage::$topic::$behaviour(&$factory).await;
            });
        }
    };
}
