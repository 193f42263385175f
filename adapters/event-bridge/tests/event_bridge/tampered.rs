//! A proxy of the emulator that records requests and replaces some of the responses.

use std::sync::{Arc, Mutex};

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::RuntimeComponents;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// A function that returns the error code that replaces the response to a request, or `None` to forward the request.
/// The argument is the operation.
type Tamper = dyn Fn(&str) -> Option<&'static str> + Send + Sync;

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
    pub(crate) fn new(tamper: impl Fn(&str) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        let inner = SharedHttpClient::new(aws_smithy_http_client::Builder::new().build_http());
        Self { inner, tamper: Arc::new(tamper), seen: Arc::default() }
    }

    /// Returns a client of the same account as `of`.
    pub(crate) fn client(&self, of: &Client) -> Client {
        Client::from_conf(of.config().to_builder().http_client(self.clone()).build())
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
        let target = request.headers().get("x-amz-target").unwrap();
        let operation = target.rsplit('.').next().unwrap().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let code = (self.tampered.tamper)(&operation);
        self.tampered.seen.lock().unwrap().push((operation, body));
        let Some(code) = code else { return self.inner.call(request) };
        let body = SdkBody::from(json!({ "__type": code, "message": "what EventBridge says" }).to_string());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(400.try_into().unwrap(), body)))
    }
}

impl HttpClient for Tampered {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, tampered: self.clone() })
    }
}
