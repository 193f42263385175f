//! A simulated S3, which records each request and returns the next scripted response.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::config::RuntimeComponents;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use castore_s3::{S3ClaimCheck, S3ClaimCheckBuilder};

use crate::support::{BUCKET, client};

#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A response with this status and body.
    Http(u16, Vec<u8>),
    /// A response with a content length that is longer than the body.
    BreaksOff(Vec<u8>),
    /// The connection fails with this error.
    Broken(io::ErrorKind),
}

pub(crate) fn ok(body: &str) -> Answer {
    Answer::Http(200, body.into())
}

/// Returns an error in the format of S3.
pub(crate) fn error(status: u16, code: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>what S3 says</Message></Error>");
    Answer::Http(status, body.into())
}

#[derive(Debug, Clone)]
pub(crate) struct Canned {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<(String, String)>>>,
}

impl Canned {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), requests: Arc::default() }
    }

    /// Returns a claim check with scripted responses, three attempts and short pauses.
    pub(crate) fn claim_check(&self) -> S3ClaimCheck {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> S3ClaimCheckBuilder {
        // Without a custom endpoint, as with S3 itself.
        let client = client(self.clone(), None, "111111111111");
        S3ClaimCheck::builder(client, BUCKET).attempts(3).backoff(Duration::from_micros(10), Duration::from_micros(50))
    }

    /// Returns methods and URLs of the requests so far. Asserts that all scripted responses were used.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        assert!(self.answers.lock().unwrap().is_empty(), "unused responses");
        self.requests.lock().unwrap().clone()
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.requests.lock().unwrap().push((request.method().to_owned(), request.uri().to_owned()));
        let (status, body, length) = match self.answers.lock().unwrap().pop_front().expect("a request too many") {
            Answer::Http(status, body) => (status, body.clone(), body.len()),
            Answer::BreaksOff(body) => (200, body.clone(), body.len() + 1),
            Answer::Broken(kind) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::io(io::Error::from(kind).into())));
            }
        };
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        response.headers_mut().insert("content-length", length.to_string());
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
