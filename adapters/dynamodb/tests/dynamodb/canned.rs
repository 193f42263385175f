//! A scripted DynamoDB: each request gets the next response of a script, and is recorded.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::RuntimeComponents;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use castore_dynamodb::{DynamoDbEventStorageAdapter, DynamoDbEventStorageAdapterBuilder};
use serde_json::{Value, json};

use crate::support::{TABLE, client, streams};

#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A response with status and body.
    Http(u16, String),
    /// A connection that fails with this error.
    Broken(io::ErrorKind),
    /// No response.
    Never,
}

pub(crate) fn ok(body: Value) -> Answer {
    Answer::Http(200, body.to_string())
}

/// Returns an error response in DynamoDB's format.
pub(crate) fn error(code: &str) -> Answer {
    error_with(code, json!({}))
}

/// Returns an error response with additional fields.
pub(crate) fn error_with(code: &str, mut body: Value) -> Answer {
    body["__type"] = format!("com.amazonaws.dynamodb.v20120810#{code}").into();
    body["message"] = "what DynamoDB says".into();
    Answer::Http(if code == "InternalServerError" { 500 } else { 400 }, body.to_string())
}

/// Returns the response for a canceled transaction, with the code of each item's reason.
pub(crate) fn cancelled(codes: &[&str]) -> Answer {
    let reasons: Vec<_> = codes.iter().map(|code| json!({ "Code": code })).collect();
    error_with("TransactionCanceledException", json!({ "CancellationReasons": reasons }))
}

#[derive(Debug, Clone)]
pub(crate) struct Canned {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Canned {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), requests: Arc::default() }
    }

    /// Returns an adapter that uses the script, makes up to four attempts and waits only briefly between them.
    pub(crate) fn adapter(&self) -> DynamoDbEventStorageAdapter {
        self.builder().build()
    }

    pub(crate) fn builder(&self) -> DynamoDbEventStorageAdapterBuilder {
        let client = client(self.clone(), "http://dynamodb", "111111111111");
        DynamoDbEventStorageAdapter::builder(client, TABLE)
            .attempts(4)
            .backoff(Duration::from_micros(10), Duration::from_micros(50))
    }

    /// Returns a client for streams that uses the script.
    pub(crate) fn streams(&self) -> aws_sdk_dynamodbstreams::Client {
        streams(self.clone(), "http://dynamodb", "111111111111")
    }

    /// Returns the operations and bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the number of requests, and asserts that every response was used.
    pub(crate) fn count(&self) -> usize {
        assert!(self.answers.lock().unwrap().is_empty(), "answers that nobody asked for");
        self.requests().len()
    }
}

/// Returns an adapter that gets these responses, and the record of its requests.
pub(crate) fn script(answers: impl IntoIterator<Item = Answer>) -> (DynamoDbEventStorageAdapter, Canned) {
    let canned = Canned::new(answers);
    (canned.adapter(), canned)
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap();
        let operation = target.rsplit('.').next().unwrap().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        self.requests.lock().unwrap().push((operation, body));
        let answer = self.answers.lock().unwrap().pop_front().expect("a request too many");
        match answer {
            Answer::Http(status, body) => {
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
            }
            Answer::Broken(kind) => HttpConnectorFuture::ready(Err(ConnectorError::io(io::Error::from(kind).into()))),
            Answer::Never => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
