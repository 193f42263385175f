//! Runs the example in the way that its documentation describes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::{Command, Output};

fn run(url: Option<&str>) -> (String, Output) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-nats"));
    match url {
        Some(url) => command.env("NATS_URL", url),
        None => command.env_remove("NATS_URL"),
    };
    let output = command.output().unwrap();
    (String::from_utf8_lossy(&output.stdout).into_owned(), output)
}

#[test]
fn both_listeners_receive_the_messages_of_their_filters() {
    let url = std::env::var("CASTORE_TEST_NATS_URL").expect(
        "CASTORE_TEST_NATS_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    );
    // The second run uses the streams and the consumers that the first run has created.
    for _ in 0..2 {
        let (out, output) = run(Some(&url));
        assert!(output.status.success(), "{out}\n{}", String::from_utf8_lossy(&output.stderr));
        let count = |words: &str| out.lines().filter(|line| line.contains(words)).count();
        assert_eq!((count("Ada: a parcel is on its way"), count("Grace: a parcel is on its way")), (1, 1), "{out}");
        assert!(out.ends_with("all parcels are delivered, 500 grams\n"), "{out}");
    }
}

#[test]
fn missing_url_is_reported() {
    let (_, output) = run(None);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("set NATS_URL"));
}
