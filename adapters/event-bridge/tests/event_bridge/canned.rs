//! A simulated EventBridge, which records each request and returns the next scripted response.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_eventbridge::config::RuntimeComponents;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use castore_core::channel::MessageBus;
use castore_event_bridge::{EventBridgeAdapterBuilder, EventBridgeMessageBusAdapter};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::client;

#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The error code of each rejected entry. All other entries are accepted.
    Entries(Vec<Option<&'static str>>),
    /// A response with this status and body.
    Http(u16, String),
    /// The connection fails with this error.
    Broken(io::ErrorKind),
}

/// Returns a response that accepts all entries.
pub(crate) fn taken() -> Answer {
    Answer::Entries(vec![])
}

/// Returns an error of the whole request, in the format of EventBridge.
pub(crate) fn error(status: u16, code: &str) -> Answer {
    Answer::Http(status, json!({ "__type": code, "message": "what EventBridge says" }).to_string())
}

/// A client with scripted responses. After the end of the script, all entries are accepted.
#[derive(Debug, Clone)]
pub(crate) struct Canned {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Canned {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), requests: Arc::default() }
    }

    /// Returns a builder of an adapter with scripted responses, four attempts and short pauses.
    pub(crate) fn builder<C: MessageBus<Message: Serialize>>(&self) -> EventBridgeAdapterBuilder<C> {
        let client = client(self.clone(), "http://events", "111111111111");
        EventBridgeMessageBusAdapter::builder(client, "my-bus")
            .attempts(4)
            .backoff(Duration::from_micros(10), Duration::from_micros(50))
    }

    pub(crate) fn client(&self) -> aws_sdk_eventbridge::Client {
        client(self.clone(), "http://events", "111111111111")
    }

    /// Returns the bodies of the requests so far. Asserts that all scripted responses were used.
    pub(crate) fn requests(&self) -> Vec<Value> {
        assert!(self.answers.lock().unwrap().is_empty(), "unused responses");
        self.requests.lock().unwrap().clone()
    }

    /// Returns all entries of all requests.
    pub(crate) fn entries(&self) -> Vec<Value> {
        self.requests().iter().flat_map(|request| request["Entries"].as_array().unwrap().clone()).collect()
    }

    /// Returns the number of entries in each request.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.requests().iter().map(|request| request["Entries"].as_array().unwrap().len()).collect()
    }
}

/// Returns the response to a request with the given number of entries.
fn answer(entries: usize, codes: &[Option<&str>]) -> String {
    let entries: Vec<_> = (0..entries)
        .map(|place| match codes.get(place).copied().flatten() {
            None => json!({ "EventId": format!("event-{place}") }),
            Some("") => json!({}),
            Some(code) => json!({ "ErrorCode": code, "ErrorMessage": "what EventBridge says" }),
        })
        .collect();
    let failed = entries.iter().filter(|entry| entry.get("EventId").is_none()).count();
    json!({ "FailedEntryCount": failed, "Entries": entries }).to_string()
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert_eq!(request.headers().get("x-amz-target"), Some("AWSEvents.PutEvents"));
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let entries = body["Entries"].as_array().unwrap().len();
        self.requests.lock().unwrap().push(body);
        let (status, body) = match self.answers.lock().unwrap().pop_front().unwrap_or_else(taken) {
            Answer::Entries(codes) => (200, answer(entries, &codes)),
            Answer::Http(status, body) => (status, body),
            Answer::Broken(kind) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::io(io::Error::from(kind).into())));
            }
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
