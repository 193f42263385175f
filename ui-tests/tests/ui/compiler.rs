//! A check of the compiler version. The texts are recorded with one version, because other versions print other texts
//! and underlines.

use std::process::Command;

/// The compiler version of the `.stderr` files.
const RECORDED_WITH: &str = "1.95";

pub(crate) fn assert_is_the_recorded_one() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&output.stdout);
    let number = version.split_whitespace().nth(1).unwrap_or_default();
    assert!(
        number.starts_with(&format!("{RECORDED_WITH}.")),
        "the compile errors are recorded with rustc {RECORDED_WITH}, and this is {}: run \
         `cargo +{RECORDED_WITH} test -p castore-ui-tests`. To move to another compiler, change `RECORDED_WITH`, record \
         anew with `TRYBUILD=overwrite`, and read every text that changed",
        version.trim(),
    );
}
