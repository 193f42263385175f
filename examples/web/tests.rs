//! Tests of the program over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::run;

/// Sends a request. Returns the status and the body of the response.
async fn send(address: SocketAddr, method: &str, path: &str, key: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: application/json\r\n\
         x-request-id: {method} {path}\r\nidempotency-key: {key}\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Returns the correlation ids of the stored events.
fn contexts(path: &str) -> Vec<String> {
    let connection = castore::sqlite::rusqlite::Connection::open(path).unwrap();
    let mut query =
        connection.prepare("SELECT metadata ->> '$.castore.correlationId' FROM event ORDER BY position").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_are_added_once_and_listed_until_they_are_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tasks.db").to_str().unwrap().to_owned();
    for restart in 0..2 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let database = path.clone();
        let running = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Handle::current();
            runtime.block_on(async {
                run(&database, listener, async { drop(stopped.await) }).await.map_err(|error| error.to_string())
            })
        });
        assert_eq!(send(address, "GET", "/health/live", "", "").await.0, 200);
        // The relay and the projection have just been started.
        let deadline = Instant::now() + Duration::from_secs(30);
        while send(address, "GET", "/health/ready", "", "").await.0 == 503 {
            assert!(Instant::now() < deadline, "the service is not ready");
        }
        let (status, health) = send(address, "GET", "/health/ready", "", "").await;
        assert_eq!(status, 200);
        let health: serde_json::Value = serde_json::from_str(&health).unwrap();
        let names: Vec<_> = health["parts"].as_array().unwrap().iter().map(|part| part["name"].as_str()).collect();
        let expected = ["storage `tasks`", "in-memory bus `TASK_BUS`", "projection `open_tasks`", "relay `TASK_BUS`"];
        assert_eq!(names, expected.map(Some));
        let tea = r#"{"title": "Tea"}"#;
        // After a restart, the key of the request is still known.
        let added = if restart == 0 { 201 } else { 200 };
        assert_eq!(send(address, "POST", "/tasks/1", "a", tea).await.0, added);
        assert_eq!(send(address, "POST", "/tasks/1", "a", tea).await.0, 200);
        assert_eq!(send(address, "POST", "/tasks/1", &format!("b{restart}"), tea).await.0, 409);
        if restart == 0 {
            assert_eq!(send(address, "GET", "/tasks", "", "").await, (200, r#"[{"id":"1","title":"Tea"}]"#.to_owned()));
            assert_eq!(send(address, "POST", "/tasks/1/done", "", "").await.0, 204);
        }
        assert_eq!(send(address, "POST", "/tasks/1/done", "", "").await.0, 409);
        assert_eq!(send(address, "POST", "/tasks/2/done", "", "").await.0, 404);
        assert_eq!(send(address, "GET", "/tasks", "", "").await, (200, "[]".to_owned()));
        stop.send(()).unwrap();
        running.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "the server has stopped");
        assert_eq!(contexts(&path), ["POST /tasks/1", "POST /tasks/1/done"]);
    }
}
