/// Generates one module per topic and one test per behavior, for storages, logs, relay storages, snapshots, deletions,
/// inboxes, read models and transactions.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    // The factory is passed as a single token tree, because it is repeated in every test.
    ([$kind:ident $module:ident] $factory:tt $($topic:ident: $behaviors:tt)*) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $($crate::__conformance_topic! { $kind $topic $factory $behaviors })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_topic {
    ($kind:ident $topic:ident $factory:tt { $($behavior:ident)* }) => {
        mod $topic {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $($crate::__conformance_test! { $kind $topic $behavior $factory })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test {
    ($kind:ident $topic:ident $behavior:ident [$factory:expr]) => {
        #[test]
        fn $behavior() {
            $crate::__private::run(async {
                $crate::$kind::$topic::$behavior(&$factory).await;
            });
        }
    };
}
