//! Runs the example in the way that its documentation describes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

#[test]
fn all_recipients_are_notified_in_order() {
    let endpoint = std::env::var("CASTORE_TEST_AWS_ENDPOINT_URL").expect(
        "CASTORE_TEST_AWS_ENDPOINT_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    );
    // The emulator uses an access key id of twelve digits as the AWS account. A new account has no queues yet.
    let account = format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    let output = Command::new(env!("CARGO_BIN_EXE_example-sqs"))
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{out}\n{}", String::from_utf8_lossy(&output.stderr));
    let count = |words: &str| out.lines().filter(|line| line.contains(words)).count();
    for to in ["Ada", "Grace"] {
        assert_eq!(count(&format!("{to}: the line is busy")), 1, "{out}");
        assert_eq!(count(&format!("{to}: a parcel is on its way, attempt 2")), 1, "{out}");
    }
    assert_eq!(count("the parcel has arrived"), 2, "{out}");
    assert!(out.ends_with("all parcels are delivered\n"), "{out}");
}
