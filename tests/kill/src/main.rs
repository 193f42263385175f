//! Runs the program that is defined in the library of this package.
#![forbid(unsafe_code)]

#[tokio::main(worker_threads = 2)]
async fn main() {
    castore_kill_tests::run().await;
}
