//! The compile errors, word for word.
//!
//! Each file in `fail/` has one mistake, and beside it the compiler's answer. Its twin, a function or module of its
//! name in `pass/`, differs in the mistake alone: a check that refuses everything would pass a suite of failures. Those
//! are compiled by the test `twins`.
//!
//! After a change that is meant: `TRYBUILD=overwrite cargo test -p castore-ui-tests`, then read what changed, and ask
//! whether a user would know what to do.
#![allow(clippy::expect_used, clippy::panic)]

mod cases;
mod compiler;
mod says;
mod texts;

#[test]
fn compile_errors() {
    compiler::assert_is_the_recorded_one();
    trybuild::TestCases::new().compile_fail("fail/*/*.rs");
}
