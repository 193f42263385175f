//! Clients of the emulator.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, HttpClient, Region};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const BUCKET: &str = "large-messages";

/// With these credentials, the emulator checks the signatures of URLs.
const SECRET: &str = "test";

/// Returns the endpoint of the AWS emulator.
pub(crate) fn endpoint() -> String {
    std::env::var("CASTORE_TEST_AWS_ENDPOINT_URL").expect(
        "CASTORE_TEST_AWS_ENDPOINT_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    )
}

pub(crate) fn client(http_client: impl HttpClient + 'static, endpoint: Option<&str>, account: &str) -> Client {
    let mut config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, SECRET, None, None, "tests"))
        .http_client(http_client);
    if let Some(endpoint) = endpoint {
        // Path style, because a host name that contains the bucket would have to be resolved.
        config = config.endpoint_url(endpoint).force_path_style(true);
    }
    Client::from_conf(config.build())
}

/// Returns a client of a new account, with a bucket that has a unique name.
pub(crate) async fn with_bucket() -> (Client, String) {
    let unique = uuid::Uuid::new_v4();
    // The emulator treats access key ids of twelve digits as accounts.
    let account = format!("{:012}", unique.as_u128() % 1_000_000_000_000);
    let client = client(aws_smithy_http_client::Builder::new().build_http(), Some(&endpoint()), &account);
    let bucket = format!("{BUCKET}-{}", unique.simple());
    client.create_bucket().bucket(&bucket).send().await.unwrap();
    (client, bucket)
}

/// Sends a request without credentials, signed only by the URL. Returns status, content type and body.
pub(crate) async fn fetch(url: &str) -> (u16, String, String) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let content_type =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-type: ").map(str::to_owned));
    (status, content_type.unwrap_or_default(), body.to_owned())
}
