/// Generates one module per topic and one test per behavior, for storages, logs, relay storages, snapshots, inboxes
/// and read models.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    // The factory is passed as a single token tree, because it is repeated in every test.
    ([$kind:ident $module:ident] $factory:tt $($topic:ident: $behaviours:tt)*) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $($crate::__conformance_topic! { $kind $topic $factory $behaviours })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_topic {
    ($kind:ident $topic:ident $factory:tt { $($behaviour:ident)* }) => {
        mod $topic {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $($crate::__conformance_test! { $kind $topic $behaviour $factory })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test {
    ($kind:ident $topic:ident $behaviour:ident [$factory:expr]) => {
        #[test]
        fn $behaviour() {
            $crate::__private::run(async {
                $crate::$kind::$topic::$behaviour(&$factory).await;
            });
        }
    };
}
