//! NATS servers that a test kills.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions};
use tempfile::TempDir;

/// A server for one test, which can be killed and started again.
pub(crate) struct Server {
    program: String,
    directory: TempDir,
    port: u16,
    child: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        let program = std::env::var("CASTORE_TEST_NATS_SERVER").expect(
            "CASTORE_TEST_NATS_SERVER is not set: run scripts/test, or export what `scripts/services start DIR` prints",
        );
        let directory = tempfile::tempdir().unwrap();
        let child = spawn(&program, directory.path(), -1);
        let port = port_of(directory.path());
        Self { program, directory, port, child }
    }

    pub(crate) async fn client(&self) -> Client {
        let options = ConnectOptions::new().reconnect_delay_callback(|_| Duration::from_millis(50));
        options.connect(format!("nats://127.0.0.1:{}", self.port)).await.expect("the server")
    }

    /// Kills the server, as the out-of-memory killer of the machine would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&self.program, self.directory.path(), i32::from(self.port));
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "the server did not come back");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(program: &str, directory: &Path, port: i32) -> Child {
    let mut command = Command::new(program);
    command.args(["-a", "127.0.0.1", "-js", "-p", &port.to_string(), "-sd"]).arg(directory.join("js"));
    command.arg("--ports_file_dir").arg(directory).arg("-l").arg(directory.join("log"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a NATS server")
}

/// Returns the port that the server has chosen and written to a file.
fn port_of(directory: &Path) -> u16 {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let files = std::fs::read_dir(directory).unwrap().flatten();
        let ports = files.map(|file| file.path()).find(|path| path.extension().is_some_and(|end| end == "ports"));
        let text = ports.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        if let Some((_, rest)) = text.split_once("nats://127.0.0.1:") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if let Ok(port) = digits.parse() {
                return port;
            }
        }
        assert!(Instant::now() < deadline, "the server did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}
