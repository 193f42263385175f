//! Runs the example `relay_postgres` in a separate database.

use std::process::Command;

use castore::postgres::tokio_postgres::{self, NoTls};

use crate::support::example;

fn run(url: &str) -> (String, String) {
    let output = Command::new(example("relay_postgres")).env("DATABASE_URL", url).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn every_order_gets_its_mail_and_is_counted_once() {
    let url = std::env::var("CASTORE_TEST_DATABASE_URL")
        .expect("CASTORE_TEST_DATABASE_URL is not set: run scripts/test, or see scripts/services");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let name = format!("castore_example_{}", std::process::id());
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    // If a setting is given twice, the later value takes precedence.
    let url = format!("{url} dbname={name}");
    for round in 1..=2 {
        let (out, _) = run(&url);
        let count = |line: &str| out.lines().filter(|said| said.contains(line)).count();
        assert_eq!((count("thank you for your order"), count("is on its way")), (4, 1), "{out}");
        assert_eq!(count(&format!("Ada: {} orders, {} cents", round * 2, round * 1_650)), 1, "{out}");
        assert_eq!(count(&format!("Grace: {} orders, {} cents", round * 2, round * 8_099)), 1, "{out}");
        assert_eq!(count("the relay is Some(0) positions behind, 0 aggregates are parked"), 1, "{out}");
    }
    client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
}

#[test]
fn missing_url_is_reported() {
    let output = Command::new(example("relay_postgres")).env_remove("DATABASE_URL").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("set DATABASE_URL"));
}
