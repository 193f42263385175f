//! Tests of the text of compile errors.
//!
//! Each file in `fail/` contains one mistake, and the file beside it the output of the compiler. Its twin, a function
//! or module with its name in `pass/`, differs only in the mistake: without twins, a check that rejects everything
//! would pass the tests. The test `twins` compiles the twins.
//!
//! After an intended change, run `TRYBUILD=overwrite cargo test -p castore-ui-tests`, then read the changes as a user
//! would.
#![allow(clippy::expect_used, clippy::panic)]

mod cases;
mod compiler;
mod page;
mod says;
mod texts;

#[test]
fn compile_errors() {
    compiler::assert_is_the_recorded_one();
    trybuild::TestCases::new().compile_fail("fail/*/*.rs");
}
