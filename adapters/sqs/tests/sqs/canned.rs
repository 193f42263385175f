//! A simulated SQS, which records each request and returns the next scripted response.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::RuntimeComponents;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use castore_core::channel::MessageQueue;
use castore_sqs::{SqsAdapterBuilder, SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::client;

pub(crate) const URL: &str = "https://sqs.example/000000000000/my-queue";
pub(crate) const FIFO_URL: &str = "https://sqs.example/000000000000/my-queue.fifo";

#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A response with this status and body.
    Http(u16, String),
    /// The connection fails with this error.
    Broken(io::ErrorKind),
    /// There is no response.
    Never,
}

pub(crate) fn ok(body: Value) -> Answer {
    Answer::Http(200, body.to_string())
}

/// Returns an error in the format of SQS.
pub(crate) fn error(status: u16, code: &str) -> Answer {
    let body = json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": "what SQS says" });
    Answer::Http(status, body.to_string())
}

/// Returns the response to a batch. The arguments are the indexes of the accepted entries, and the failed entries with
/// index, code and sender fault.
pub(crate) fn batch(taken: &[usize], failed: &[(usize, &str, bool)]) -> Answer {
    let taken: Vec<_> = taken.iter().map(|id| successful(&id.to_string())).collect();
    let failed = failed.iter().map(|(id, code, sender_fault)| {
        json!({ "Id": id.to_string(), "Code": code, "SenderFault": sender_fault, "Message": "what SQS says" })
    });
    ok(json!({ "Successful": taken, "Failed": failed.collect::<Vec<_>>() }))
}

fn successful(id: &str) -> Value {
    json!({ "Id": id, "MessageId": "m", "MD5OfMessageBody": "0" })
}

/// Returns the success response to a request.
fn all_well(operation: &str, request: &Value) -> Answer {
    match operation {
        "SendMessage" => ok(json!({ "MessageId": "m", "MD5OfMessageBody": "0" })),
        _ => {
            let entries = request["Entries"].as_array().unwrap();
            let taken: Vec<_> = entries.iter().map(|entry| successful(entry["Id"].as_str().unwrap())).collect();
            ok(json!({ "Successful": taken, "Failed": [] }))
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Canned {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
    /// The response after the end of the script.
    then_all_is_well: bool,
}

impl Canned {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Self { answers, requests: Arc::default(), then_all_is_well: false }
    }

    pub(crate) fn all_well() -> Self {
        Self { then_all_is_well: true, ..Self::new([]) }
    }

    pub(crate) fn client(&self) -> Client {
        client(self.clone(), "http://sqs", "111111111111")
    }

    /// Returns an adapter with scripted responses, four attempts and short pauses.
    pub(crate) fn standard<C: MessageQueue<Message: Serialize>>(&self) -> SqsMessageQueueAdapter<C> {
        quick(SqsMessageQueueAdapter::builder(self.client(), URL)).build().unwrap()
    }

    pub(crate) fn fifo<C: MessageQueue<Message: Serialize>>(&self) -> SqsFifoMessageQueueAdapter<C> {
        quick(SqsFifoMessageQueueAdapter::builder(self.client(), FIFO_URL)).build().unwrap()
    }

    /// Returns the operation and the body of each request so far. Asserts that all scripted responses were used.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        assert!(self.answers.lock().unwrap().is_empty(), "unused responses");
        self.requests.lock().unwrap().clone()
    }

    /// Returns the aggregates and versions in each of the requests so far.
    pub(crate) fn sent(&self) -> Vec<Vec<String>> {
        let name = |entry: &Value| {
            let body: Value = serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap();
            format!("{}{}", body["event"]["aggregateId"].as_str().unwrap(), body["event"]["version"])
        };
        let requests = self.requests();
        let sent = requests.iter().map(|(_, request)| match request["Entries"].as_array() {
            Some(entries) => entries.iter().map(name).collect(),
            None => vec![name(request)],
        });
        sent.collect()
    }
}

pub(crate) fn quick<A>(builder: SqsAdapterBuilder<A>) -> SqsAdapterBuilder<A> {
    builder.attempts(4).backoff(Duration::from_micros(10), Duration::from_micros(50))
}

/// Returns the operation and the body of a request.
pub(crate) fn parsed(request: &HttpRequest) -> (String, Value) {
    let target = request.headers().get("x-amz-target").unwrap();
    let operation = target.rsplit('.').next().unwrap().to_owned();
    (operation, serde_json::from_slice(request.body().bytes().unwrap()).unwrap())
}

impl Answer {
    pub(crate) fn play(self) -> HttpConnectorFuture {
        match self {
            Self::Http(status, body) => {
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
            }
            Self::Broken(kind) => HttpConnectorFuture::ready(Err(ConnectorError::io(io::Error::from(kind).into()))),
            Self::Never => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (operation, body) = parsed(&request);
        let answer = self.answers.lock().unwrap().pop_front();
        let answer = answer.or_else(|| self.then_all_is_well.then(|| all_well(&operation, &body)));
        self.requests.lock().unwrap().push((operation, body));
        answer.expect("a request too many").play()
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
