/// Generates one test per behavior of [`read_model`](crate::read_model), all using the given [`ReadModelFactory`]. The
/// tests are in a module `read_model_conformance`; the arguments are the same as for
/// [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::read_model_conformance!(MyReadModels::default());
/// // With a module name, for several databases in one file:
/// castore_conformance::read_model_conformance!(mod elsewhere, MyReadModels::elsewhere());
/// ```
///
/// [`ReadModelFactory`]: crate::read_model::ReadModelFactory
#[macro_export]
macro_rules! read_model_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__read_model_behaviors! { [$crate::__conformance_tests] [read_model $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::read_model_conformance!(mod read_model_conformance, $factory);
    };
}
