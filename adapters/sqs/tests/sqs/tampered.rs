//! A proxy of the emulator that replaces some of its responses.

use std::sync::{Arc, Mutex};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::RuntimeComponents;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use crate::canned::{Answer, parsed};
use crate::support::endpoint;

/// A function that returns the replacement for the response to a request, or `None` to forward the request. The
/// arguments are the operation and the body of the request.
type Tamper = dyn Fn(&str, &Value) -> Option<Answer> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Tampered {
    inner: SharedHttpClient,
    tamper: Arc<Tamper>,
    seen: Arc<Mutex<Vec<(String, Value)>>>,
}

impl std::fmt::Debug for Tampered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tampered")
    }
}

impl Tampered {
    pub(crate) fn new(tamper: impl Fn(&str, &Value) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let inner = SharedHttpClient::new(aws_smithy_http_client::Builder::new().build_http());
        Self { inner, tamper: Arc::new(tamper), seen: Arc::default() }
    }

    /// Returns a client of the same account as `of`.
    pub(crate) fn client(&self, of: &Client) -> Client {
        let config = of.config().to_builder().endpoint_url(endpoint()).http_client(self.clone()).build();
        Client::from_conf(config)
    }

    /// Returns the requests of an operation so far.
    pub(crate) fn seen(&self, operation: &str) -> Vec<Value> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|(name, _)| name == operation).map(|(_, body)| body.clone()).collect()
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    tampered: Tampered,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (operation, body) = parsed(&request);
        let answer = (self.tampered.tamper)(&operation, &body);
        self.tampered.seen.lock().unwrap().push((operation, body));
        match answer {
            Some(answer) => answer.play(),
            None => self.inner.call(request),
        }
    }
}

impl HttpClient for Tampered {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, tampered: self.clone() })
    }
}
