/// Generates one test per behavior of [`log`](crate::log), all using the given [`LogFactory`]. The tests are in a
/// module `log_conformance`; the arguments are the same as for [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::log_conformance!(MyEngine::default());
/// // With a module name, for several adapters in one file:
/// castore_conformance::log_conformance!(mod my_engine_elsewhere, MyEngine::elsewhere());
/// ```
///
/// [`LogFactory`]: crate::log::LogFactory
#[macro_export]
macro_rules! log_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__log_behaviors! { [$crate::__conformance_tests] [log $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::log_conformance!(mod log_conformance, $factory);
    };
}
